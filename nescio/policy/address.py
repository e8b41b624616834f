"""Parts of a written address: what a policy lets stand is cut out of the mention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import resources

import regex
import yaml

from nescio.policy.generalise import generalise_country
from nescio.policy.precedence import Mention, trim


@cache
def _tail() -> regex.Pattern[str]:
    """The end of a US address: city, state, ZIP code, each optional but in this order."""
    source = resources.files("nescio.policy").joinpath("data/surrogate_places.yaml")
    places = yaml.safe_load(source.read_text(encoding="utf-8"))
    names = "|".join(regex.escape(name) for name in places["states"])
    codes = "|".join(places["state_codes"])
    return regex.compile(
        rf"(?:^|[,\n]\s*)(?P<city>\p{{L}}[\p{{L}}\s.'’-]*?)[,\s]\s*"
        rf"(?P<state>(?i:{names})|{codes}|(?<=\s)[A-Z]\.[A-Z]\.)"
        rf"(?:[,.\s]+(?P<zip>\d{{5}}(?:-\d{{4}})?))?\b"
    )


_ZIP = regex.compile(r"(?<![\d-])(?P<zip>\d{5}(?:-\d{4})?)\s*(?:,|$)")


def parts_of_address(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and kind (city, state, zip, country) of the parts of an address.

    Only parts that can be told with some certainty are given: the rest is street.
    """
    parts: list[tuple[int, int, str]] = []
    match = _tail().search(text)
    if match is None:
        # Without a state, five digits are a ZIP code only where they do not begin the address.
        match = _ZIP.search(text, 1)
    if match is not None:
        parts += [(*match.span(kind), kind) for kind, found in match.groupdict().items() if found]
    last = text.rfind(",") + 1
    if last and generalise_country(text[last:].strip(" .\n")):
        parts.append((*trim(text, last, len(text)), "country"))
    return parts


def split_address(mention: Mention, text: str, survives: Callable[[str], bool]) -> list[Mention]:
    """Cut out of an address the parts of which something may stay.

    Args:
        mention: an ADDRESS.
        text: the paragraph's text.
        survives: whether the policy keeps or generalises a kind of LOCATION.

    Returns:
        The pieces in order: locations, and around them the address.
    """
    pieces: list[Mention] = []
    position = mention.start
    for start, end, kind in parts_of_address(text[mention.start : mention.end]):
        if not survives(kind):
            continue
        first, last = mention.start + start, mention.start + end
        pieces += _rest(mention, text, position, first)
        pieces.append(replace(mention, start=first, end=last, label="LOCATION", kind=kind))
        position = last
    if not pieces:
        return [mention]
    return pieces + _rest(mention, text, position, mention.end)


def _rest(mention: Mention, text: str, start: int, end: int) -> list[Mention]:
    start, end = trim(text, start, end)
    return [replace(mention, start=start, end=end)] if start < end else []
