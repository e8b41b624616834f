"""Names of sections: which part of a record or report a heading opens."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from typing import Final

import regex
import yaml

NUMBER: Final = regex.compile(
    r"^\s*(?:(?:section|appendix|annex|part|chapter)\s+)?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,5}\.?|[A-H]\.(?:\d{1,2}\.?)*|[IVX]{1,4}\.)(?=\s)\s*",
    regex.IGNORECASE,
)
"""The number of a heading: ``12.3.1``, ``A.2``, ``IV.``"""

_CONNECTIVES: Final = frozenset({"of", "and", "for", "in", "on", "by", "from", "continued", "cont"})
_NOT_WORD: Final = regex.compile(r"[^\p{L}\p{N}]+")


def normalise(heading: str) -> str:
    """Return a heading's words without number, punctuation, case and accents."""
    bare = NUMBER.sub("", heading)
    plain = unicodedata.normalize("NFKD", bare)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return str(_NOT_WORD.sub(" ", plain.casefold())).strip()


@cache
def _names() -> dict[str, str]:
    """Heading as normalised -> section name."""
    source = resources.files("nescio.context").joinpath("data/sections.yaml")
    sections: dict[str, list[str]] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return {
        normalise(heading): section
        for section, headings in sections.items()
        for heading in headings
    }


@cache
def section_of(heading: str, *, whole: bool = False) -> str:
    """Return the section that a heading names, or ``""`` where it names none that is known.

    Args:
        heading: the heading's text, with or without its number.
        whole: only accept a heading that is listed as it stands, not one that begins so.
    """
    words = normalise(heading).split(" ")
    names = _names()
    shortest = len(words) if whole else 1
    for count in range(len(words), shortest - 1, -1):
        section = names.get(" ".join(words[:count]))
        # A single word names a section only where nothing, a number, or no noun follows:
        # "Summary of safety" is a summary, "Listing 16.2.4" a listing, "Summary tables" neither.
        alone = count > 1 or set(words[1:2]) <= _CONNECTIVES or words[1].isdigit()
        if section is not None and alone:
            return section
    return ""


def level_of(heading: str) -> int:
    """Return a heading's depth from its number (``2.1`` is 2), or 0 where it has none."""
    match = NUMBER.match(heading)
    if match is None:
        return 0
    return int(match["number"].rstrip(".").count(".")) + 1
