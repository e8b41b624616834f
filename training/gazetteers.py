"""Derive the small word lists that detection ships from the large public lists it learns from.

Run ``python -m training.gazetteers SHARED`` where SHARED holds ``data/gazetteers``, ``data/phi``
and ``data/sections``; it rewrites ``nescio/search/data/words/*.txt``. Provenance and licences
are in docs/third-party.md.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

OUT: Final = Path(__file__).parents[1] / "nescio" / "search" / "data" / "words"
CORPORA: Final = {  # running prose in ordinary case; tweets write names in lower case, so none
    "phi": ("wikigold", "sec_filings", "outis_train", "outis_v12"),
    "sections": ("aci_paragraphs", "mts_dialog"),
}
FAKER_LOCALES: Final = (
    "cs_CZ da_DK de_DE en_GB en_IN es_ES es_MX fi_FI fr_FR hr_HR hu_HU id_ID it_IT nl_NL no_NO "
    "pl_PL pt_BR ro_RO sk_SK sl_SI sv_SE tr_TR vi_VN"
)
FIRST_NAMES_EACH: Final = 1_500
SURNAMES: Final = 6_000
CITY_POPULATION: Final = 15_000
ORDINARY_COUNT: Final = 2
ORDINARY_NAME_COUNT: Final = 8  # a word that is also a name must be seen this often
EPONYM_NOUNS: Final = re.compile(r"^([a-z]+)(?:'s)?[ -](?:disease|syndrome|sign|palsy|lymphoma)s?$")
_LOWER_WORD: Final = re.compile(r"(?<![\w'’.@/_-])[a-z]{2,}(?![\w@_/-]|\.\w|['’]\w)")
_NAME: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\Z")


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from lines


def _census(shared: Path, name: str, most: int) -> list[str]:
    path = shared / "data" / "gazetteers" / f"census1990.dist.{name}.txt.gz"
    return [line.split()[0].lower() for line in _lines(path)][:most]


def _faker(kind: str) -> set[str]:
    """Collect the names of one kind (``first_names``, ``last_names``) from Faker's locales."""
    found: set[str] = set()
    for locale in FAKER_LOCALES.split():
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in dir(provider):
            if attribute.startswith(kind):
                found.update(name for name in getattr(provider, attribute) if isinstance(name, str))
    names = (unicodedata.normalize("NFC", name) for name in found)
    return {name.lower() for name in names if _NAME.match(name) and name[0].isupper()}


def ordinary_words(shared: Path, names: set[str]) -> set[str]:
    """Return words that running prose writes in lower case, names only where they do so often."""
    counts: Counter[str] = Counter()
    for folder, files in CORPORA.items():
        for file in files:
            for line in _lines(shared / "data" / folder / f"{file}.jsonl.gz"):
                counts.update(_LOWER_WORD.findall(json.loads(line)["text"]))
    return {
        word
        for word, count in counts.items()
        if count >= (ORDINARY_NAME_COUNT if word in names else ORDINARY_COUNT)
    }


def eponyms(shared: Path) -> set[str]:
    """Return the persons' names that MeSH entry terms put before disease, syndrome, sign, ..."""
    path = shared / "data" / "gazetteers" / "eponym_candidates_mesh.txt.gz"
    matches = (EPONYM_NOUNS.match(line.strip()) for line in _lines(path))
    return {match[1] for match in matches if match}


def cities(shared: Path) -> set[str]:
    """Return the names of US cities of CITY_POPULATION and more."""
    path = shared / "data" / "gazetteers" / "us_cities_geonames.csv.gz"
    rows = csv.DictReader(_lines(path))
    return {row["name"] for row in rows if int(row["population"]) >= CITY_POPULATION}


def cities_of_codes(shared: Path) -> set[str]:
    """Return "City, ST" for the state codes that have other meanings, too."""
    codes = (OUT / "codes_with_other_meanings.txt").read_text(encoding="utf-8").split()
    path = shared / "data" / "gazetteers" / "us_cities_geonames.csv.gz"
    rows = csv.DictReader(_lines(path))
    return {f"{row['name']}, {row['state']}" for row in rows if row["state"] in codes}


def _write(name: str, source: str, words: Iterable[str]) -> None:
    lines = sorted(words)
    header = f"# {source}. Written by training/gazetteers.py; see docs/third-party.md.\n"
    (OUT / f"{name}.txt").write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)}")


def main(shared: Path) -> None:
    """Write all lists."""
    given = set(
        _census(shared, "female.first", FIRST_NAMES_EACH)
        + _census(shared, "male.first", FIRST_NAMES_EACH)
    )
    given |= _faker("first_names")
    surnames = set(_census(shared, "all.last", SURNAMES)) | _faker("last_names")
    ordinary = ordinary_words(shared, given | surnames)
    eponym = eponyms(shared) - ordinary
    _write("ordinary", "Words that clinical, legal and encyclopedic prose writes small", ordinary)
    _write("given_names", "US Census 1990 and Faker: given names", {n for n in given if len(n) > 2})
    _write("surnames", "US Census 1990 and Faker: surnames", {n for n in surnames if len(n) > 2})
    _write("eponyms", "MeSH entry terms: names of persons in names of diseases and signs", eponym)
    _write("cities", "GeoNames: US cities of 15,000 and more", cities(shared))
    pairs = cities_of_codes(shared)
    _write("cities_of_codes", "GeoNames: US cities in states of such codes", pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
