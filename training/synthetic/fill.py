"""Fills sentence templates: ``{slot}`` is looked up, ``[one|another]`` is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from training.synthetic.text import Text, Textual, capitalise, join

Lookup = Callable[[str], Textual]

_TOKEN = re.compile(r"\{([\w.]+)\}|([\[\]|])")

_Part = str | tuple[str, object]  # plain text, ("slot", name) or ("choice", parsed options)


@cache
def _parse(template: str) -> tuple[_Part, ...]:
    """Parse a template; brackets nest."""
    stack: list[list[list[_Part]]] = [[[]]]
    position = 0
    for found in _TOKEN.finditer(template):
        if found.start() > position:
            stack[-1][-1].append(template[position : found.start()])
        position = found.end()
        name, sign = found.groups()
        if name:
            stack[-1][-1].append(("slot", name))
        elif sign == "[":
            stack.append([[]])
        elif sign == "|" and len(stack) > 1:
            stack[-1].append([])
        elif sign == "]" and len(stack) > 1:
            options = stack.pop()
            stack[-1][-1].append(("choice", tuple(tuple(option) for option in options)))
        else:
            stack[-1][-1].append(sign)
    if len(stack) != 1:
        raise ValueError(f"unclosed bracket in template: {template}")
    if position < len(template):
        stack[-1][-1].append(template[position:])
    return tuple(stack[0][0])


def _texts(parts: Sequence[_Part], lookup: Lookup, rng: Random) -> list[Textual]:
    out: list[Textual] = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif part[0] == "slot":
            out.append(lookup(part[1]))  # type: ignore[arg-type]
        else:
            out.extend(_texts(rng.choice(part[1]), lookup, rng))  # type: ignore[arg-type]
    return out


def fill(template: str, lookup: Lookup, rng: Random) -> Text:
    """Fill one template and begin it with a capital letter.

    Args:
        template: text with ``{slots}`` and ``[drawn|options]``.
        lookup: what stands for a slot.
        rng: draws the options.
    """
    return capitalise(join("", _texts(_parse(template), lookup, rng)))


class Deck:
    """Templates dealt out like cards: none comes twice before all have come once."""

    def __init__(self, templates: Sequence[str], rng: Random) -> None:
        self._templates = list(templates)
        self._rng = rng
        self._left: list[str] = []

    def deal(self, count: int = 1) -> list[str]:
        """Return the next templates."""
        dealt = []
        for _ in range(count):
            if not self._left:
                self._left = self._templates[:]
                self._rng.shuffle(self._left)
            dealt.append(self._left.pop())
        return dealt
