"""Rebuilds the committed name lists of ``data/`` from Faker and the US Census of 1990.

Run ``python -m training.synthetic.slots.build_data [--gazetteers DIR]`` once; generators never
import Faker, whose start-up and calls are slower than everything else they do.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import random
from pathlib import Path

DATA = Path(__file__).parent / "data"

LATIN_LOCALES = {
    "german": ["de_DE", "de_CH"],
    "french": ["fr_FR", "fr_QC"],
    "spanish": ["es_ES", "es_MX"],
    "italian": ["it_IT"],
    "dutch": ["nl_NL", "nl_BE"],
    "polish": ["pl_PL"],
    "portuguese": ["pt_BR", "pt_PT"],
    "swedish": ["sv_SE"],
    "norwegian": ["no_NO"],
    "danish": ["da_DK"],
    "finnish": ["fi_FI"],
    "czech": ["cs_CZ"],
    "slovak": ["sk_SK"],
    "hungarian": ["hu_HU"],
    "romanian": ["ro_RO"],
    "croatian": ["hr_HR"],
    "slovene": ["sl_SI"],
    "lithuanian": ["lt_LT"],
    "latvian": ["lv_LV"],
    "estonian": ["et_EE"],
    "turkish": ["tr_TR"],
    "indonesian": ["id_ID"],
    "indian": ["en_IN"],
    "nigerian": ["en_NG", "yo_NG", "ig_NG", "ha_NG"],
    "kenyan": ["en_KE", "sw"],
    "ghanaian": ["tw_GH"],
    "zulu": ["zu_ZA"],
    "azeri": ["az_AZ"],
    "irish": ["en_IE"],
    "british": ["en_GB"],
    "pakistani": ["en_PK"],
    "uzbek": ["uz_UZ"],
}
"""Origin -> Faker locales whose lists are in Latin letters; others are written by hand."""

GIVEN_MOST, FAMILY_MOST = 170, 300


def _pool(locales: list[str], attributes: tuple[str, ...]) -> list[str]:
    """Collect the single-word entries of the first attributes that the locales have."""
    names: dict[str, None] = {}
    for locale in locales:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in attributes:
            for name in getattr(provider, attribute, ()):
                if 2 <= len(name) <= 22 and "," not in name and name not in ("Doe", "Koch II"):
                    names[name.strip()] = None
    return list(names)


def _sample(names: list[str], most: int, rng: random.Random) -> list[str]:
    return sorted(names if len(names) <= most else rng.sample(names, most))


def write_origins(path: Path) -> None:
    """Write one line ``origin TAB part TAB name,name,...`` for each origin and part."""
    rng = random.Random(1990)
    lines = ["# Samples of the person providers of Faker 40 (MIT), see build_data.py."]
    for origin, locales in LATIN_LOCALES.items():
        male = _pool(locales, ("first_names_male",))
        female = _pool(locales, ("first_names_female",))
        if not male or not female:
            male = female = _pool(locales, ("first_names",))
        family = _pool(
            locales,
            ("last_names", "male_last_names", "unisex_last_names", "last_names_male"),
        )
        for part, names, most in (
            ("male", male, GIVEN_MOST),
            ("female", female, GIVEN_MOST),
            ("family", family, FAMILY_MOST),
        ):
            lines.append(f"{origin}\t{part}\t{','.join(_sample(names, most, rng))}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_census(gazetteers: Path, path: Path) -> None:
    """Write the most frequent names and a random tail of the rest, with frequency in percent."""
    rng = random.Random(1990)
    lines = ["# US Census 1990 name files (public domain): part, name, percent of people."]
    for part, file, top, tail in (
        ("family", "census1990.dist.all.last.txt.gz", 1500, 1500),
        ("female", "census1990.dist.female.first.txt.gz", 500, 300),
        ("male", "census1990.dist.male.first.txt.gz", 400, 200),
    ):
        with gzip.open(gazetteers / file, "rt") as stream:
            rows = [line.split()[:2] for line in stream if line.strip()]
        rows = [row for row in rows if row[0] != "UNKNOWN"]
        kept = rows[:top] + sorted(rng.sample(rows[top:], min(tail, len(rows) - top)))
        lines += [f"{part}\t{name}\t{percent}" for name, percent in kept]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_cities(gazetteers: Path, path: Path) -> None:
    """Write the largest US places and a random tail: name, state, population."""
    rng = random.Random(1990)
    with gzip.open(gazetteers / "us_cities_geonames.csv.gz", "rt") as stream:
        rows = [line.strip() for line in list(stream)[1:] if line.count(",") == 2]
    kept = rows[:700] + sorted(rng.sample(rows[700:], min(1300, len(rows) - 700)))
    path.write_text(
        "# GeoNames (CC BY 4.0): name,state,population\n" + "\n".join(kept) + "\n", encoding="utf-8"
    )


def write_hospitals(gazetteers: Path, path: Path) -> None:
    """Write a random sample of the names of US hospitals."""
    rng = random.Random(1990)
    with gzip.open(gazetteers / "us_hospitals_cms_synthea.csv.gz", "rt") as stream:
        names = {line.rsplit(",", 3)[0].strip('"').strip() for line in list(stream)[1:]}
    kept = sorted(rng.sample(sorted(name for name in names if 6 < len(name) < 60), 900))
    path.write_text(
        "# CMS hospital list by way of Synthea (public domain, Apache-2.0)\n"
        + "\n".join(kept)
        + "\n",
        encoding="utf-8",
    )


def main() -> None:
    """Rebuild every generated file."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).parents[4]
    parser.add_argument("--gazetteers", type=Path, default=root / "shared/data/gazetteers")
    options = parser.parse_args()
    write_origins(DATA / "names_by_origin.tsv")
    if options.gazetteers.is_dir():
        write_census(options.gazetteers, DATA / "names_us.tsv")
        write_cities(options.gazetteers, DATA / "cities_us.csv")
        write_hospitals(options.gazetteers, DATA / "hospitals_us.txt")


if __name__ == "__main__":
    main()
