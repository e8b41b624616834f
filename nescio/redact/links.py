"""Carries clean web links into a rebuilt file where they were asked for, and tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import pikepdf
from pikepdf import Array, Dictionary, Name

from nescio.redact.glyphs import Rect, overlap

LINK_KEYS: Final = frozenset({"/Type", "/Subtype", "/Rect", "/Border", "/A"})
ACTION_KEYS: Final = frozenset({"/S", "/URI"})


@dataclass(frozen=True)
class KeptLinks:
    """Which links may stay.

    Attributes:
        boxes: page -> boxes, in PDF user space: a link that touches one goes with it.
        has_secret: says whether a text holds a secret.
    """

    boxes: Mapping[int, Sequence[Rect]]
    has_secret: Callable[[str], bool]

    def of(self, number: int, page: Any) -> list[Dictionary]:
        """Return fresh annotations for the clean web links of a page that is not pruned yet."""
        annotations = page.get(Name.Annots)
        if not isinstance(annotations, Array):
            return []
        return [
            _fresh(rect, uri)
            for rect, uri in _web_links(annotations)
            if is_clean_address(uri)
            and not self.has_secret(unquote(uri))
            and not any(overlap(rect, box) for box in self.boxes.get(number, ()))
        ]


def _web_links(annotations: Array) -> Iterator[tuple[Rect, str]]:
    for item in annotations:
        action = item.get(Name.A) if isinstance(item, Dictionary) else None
        if not isinstance(action, Dictionary) or item.get(Name.Subtype) != Name.Link:
            continue
        rect, uri = item.get(Name.Rect), action.get(Name.URI)
        if action.get(Name.S) != Name.URI or not isinstance(uri, pikepdf.String):
            continue
        if isinstance(rect, Array) and len(rect) == 4:
            x0, y0, x1, y1 = (float(value) for value in rect)
            yield (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), str(uri)


def _fresh(rect: Rect, uri: str) -> Dictionary:
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([round(value, 2) for value in rect]),
        Border=Array([0, 0, 0]),
        A=Dictionary(S=Name.URI, URI=pikepdf.String(uri)),
    )


def is_clean_address(uri: str) -> bool:
    """Say whether an address is of the web, and has no user, query or fragment, which may tell."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    plain = uri.isascii() and uri.isprintable() and "@" not in uri
    return (
        plain
        and parts.scheme in {"http", "https"}
        and bool(host)
        and not (parts.query or parts.fragment)
    )


def is_plain_link(item: Any) -> bool:
    """Say whether an object is such an annotation, and nothing more."""
    return (
        isinstance(item, Dictionary)
        and set(item.keys()) == LINK_KEYS
        and item.Subtype == Name.Link
        and is_plain_action(item.A)
    )


def is_plain_action(item: Any) -> bool:
    """Say whether an object is the action of such an annotation, and nothing more."""
    return (
        isinstance(item, Dictionary)
        and set(item.keys()) == ACTION_KEYS
        and item.S == Name.URI
        and is_clean_address(str(item.URI))
    )
