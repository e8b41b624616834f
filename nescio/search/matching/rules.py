"""Load the pattern files under ``data/patterns`` and compile each rule once."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from nescio.search.matching.refine import CONFIRM, REFINE, Confirm, Refine
from nescio.tables import LABELS

FOLDER: Final = Path(__file__).parents[1] / "data" / "patterns"
PARTS: Final = {
    "city": ("LOCATION", "city"),
    "county": ("LOCATION", "county"),
    "state": ("LOCATION", "state"),
    "zip": ("LOCATION", "zip"),
    "country": ("LOCATION", "country"),
}
"""Named groups of a pattern that are spans of their own beside the group ``span``."""

_SAME: Final = {"-": " ", "_": " ", "\n": " ", "0": "o", "1": "l", "i": "l"}
_LETTER_RANGES: Final = ((0x41, 0x2B0), (0x370, 0x530), (0x1E00, 0x2000))  # Latin, Greek, Cyrillic
_MACRO: Final = re.compile(r"\{([A-Za-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern: where to look, what to match, and how far to believe it.

    A rule with ``after`` words is matched right behind one of them; a rule with ``around`` words,
    or with a cheap ``probe``, from ``reach`` characters before to ``ahead`` after them, so that it
    covers them; any other rule everywhere. A word must stand by itself, unless it begins with ~:
    then letters may be glued to its front.

    Attributes:
        regex: the span is its group ``span``, or all of it; groups named in PARTS are spans, too,
            and the only ones where they have the rule's own label.
        kind_alone: the span's kind where no part matched.
        score: in [0, 1], before context and checksums.
        context: words of which one, at most ``window`` characters before or ``window_behind``
            after, raises the score by ``boost``; without one, a rule that ``needs_context`` is
            silent.
        confirm: checksum that raises the score by ``confirm_boost``.
        refine: trims, rejects or rescales a match.
    """

    name: str
    label: str
    kind: str
    regex: re.Pattern[str]
    score: float
    kind_alone: str = ""
    after: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    probe: re.Pattern[str] | None = None
    reach: int = 0
    ahead: int = 80
    context: frozenset[str] | None = None
    window: int = 48
    window_behind: int = 24
    needs_context: bool = False
    boost: float = 0.0
    confirm: Confirm | None = None
    confirm_boost: float = 0.0
    refine: Refine | None = None
    whole: bool = True  # whether the match, or its group ``span``, is a span beside its parts
    has_span: bool = False  # whether the regex has a group ``span``
    parts: tuple[tuple[str, str, str], ...] = ()  # groups that are parts, with label and kind


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules, for each label the words that show its kind, and those that speak against it."""

    rules: tuple[Rule, ...]
    kinds: dict[str, dict[str, str]]
    against: dict[str, frozenset[str]]


@cache
def load_rules() -> RuleSet:
    """Return the rules of all pattern files in the order of file names."""
    macros = _letters()
    macros.update(_read("macros"))
    for name in list(macros):  # macros may use those above them
        macros[name] = _expand(macros[name], macros)
    rules: list[Rule] = []
    kinds: dict[str, dict[str, str]] = {}
    against: dict[str, frozenset[str]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.stem == "macros":
            continue
        content = _read(path.stem)
        rules += [_compile(entry, macros) for entry in content["rules"]]
        for label, words_of_kind in content.get("kinds", {}).items():
            kinds[label] = {
                plain(word): kind for kind, words in words_of_kind.items() for word in words
            }
        for label, words in content.get("against", {}).items():
            against[label] = _plain_set(words)
    return RuleSet(tuple(rules), kinds, against)


def part_of(group: str) -> tuple[str, str] | None:
    """Return label and kind of a part's group; a second group for a part carries a digit."""
    return PARTS.get(group.rstrip("23"))


def plain(text: str) -> str:
    """Write a label the way labels are compared, character for character.

    Small, with spaces for dashes and line breaks, and one letter for those that a scanner takes
    for each other: "MEDlCAL ACC0UNT" is a medical account.
    """
    text = text.lower()
    for character, same in _SAME.items():
        if character in text:
            text = text.replace(character, same)
    return text


def _read(name: str) -> dict[str, Any]:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return content


def _expand(pattern: str, macros: dict[str, str]) -> str:
    return _MACRO.sub(lambda match: macros[match[1]], pattern)


def _compile(entry: dict[str, Any], macros: dict[str, str]) -> Rule:
    name = entry["name"]
    if unknown := entry.keys() - Rule.__annotations__.keys() - {"note"}:
        raise ValueError(f"pattern {name}: unknown keys {sorted(unknown)}")
    kind = entry.get("kind", "")
    if kind and kind not in LABELS[entry["label"]]:
        raise ValueError(f"pattern {name}: {kind} is no kind of {entry['label']}")
    regex = re.compile(_expand(entry["regex"], macros))
    parts = tuple((group, *part) for group in regex.groupindex if (part := part_of(group)))
    has_span = "span" in regex.groupindex
    optional = {
        key: entry[key] for key in ("reach", "ahead", "window", "window_behind") if key in entry
    }
    return Rule(
        name=sys.intern(name),
        label=entry["label"],
        kind=kind,
        regex=regex,
        score=float(entry["score"]),
        kind_alone=entry.get("kind_alone", ""),
        after=tuple(plain(word) for word in entry.get("after", ())),
        around=tuple(plain(word) for word in entry.get("around", ())),
        probe=re.compile(_expand(entry["probe"], macros)) if "probe" in entry else None,
        context=_plain_set(entry["context"]) if "context" in entry else None,
        needs_context=entry.get("needs_context", False),
        boost=float(entry.get("boost", 0.0)),
        confirm=CONFIRM[entry["confirm"]] if "confirm" in entry else None,
        confirm_boost=float(entry.get("confirm_boost", 0.0)),
        refine=REFINE[entry["refine"]] if "refine" in entry else None,
        whole=has_span or entry["label"] not in {label for _, label, _ in parts},
        has_span=has_span,
        parts=parts,
        **optional,
    )


def _plain_set(words: Iterable[str]) -> frozenset[str]:
    return frozenset(plain(word) for word in words)


def _letters() -> dict[str, str]:
    """Return character classes (without brackets) that the re module has no names for."""
    codes = [code for first, last in _LETTER_RANGES for code in range(first, last)]
    upper = [code for code in codes if unicodedata.category(chr(code)) in ("Lu", "Lt")]
    lower = [code for code in codes if unicodedata.category(chr(code)) in ("Ll", "Lo")]
    return {
        "Lu": _ranges(upper),
        "Ll": _ranges(lower),
        "L": _ranges(sorted(upper + lower)),
    }


def _ranges(codes: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(
        chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in runs
    )
