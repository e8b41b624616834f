"""Reads the template files and compiles each template to a tree of text, slots and choices.

A template is one line: ``{slot}`` or ``{slot:style}`` is filled by ``scene.py``, ``<a|b>`` is one
of its parts (parts may nest, one may be empty), ``\\n`` is a line break and ``\\t`` a tab; ``<``
before a digit, a space or ``=`` is less-than.
"""

from __future__ import annotations

import random
import re
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.synthetic.slots import Split

FOLDER = Path(__file__).parent / "templates"
HELD_OUT_PERCENT = 12

Node = str | tuple[str, str] | list["list[Node]"]
"""Plain text, a slot ``(name, style)``, or a choice: a list of sequences of nodes."""

_TOKEN = re.compile(r"\{[^{}]*\}|<(?![\s\d=])|[|>]|(?:[^{}<|>]|<(?=[\s\d=]))+")


@dataclass(frozen=True)
class Template:
    """One written sentence, form or table, with a name that depends on its words only."""

    name: str
    kind: str
    split: Split
    nodes: list[Node]


def _parse(tokens: list[str], position: int, inside: bool) -> tuple[list[list[Node]], int]:
    """Parse up to the closing bracket; return the alternatives and the place after it."""
    branches: list[list[Node]] = [[]]
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == ">" and inside:
            return branches, position
        if token == "|" and inside:
            branches.append([])
        elif token == "<":
            choice, position = _parse(tokens, position, True)
            branches[-1].append(choice)
        elif token.startswith("{"):
            name, _, style = token[1:-1].partition(":")
            branches[-1].append((name, style))
        else:
            branches[-1].append(token)
    if inside:
        raise ValueError("a choice '<...|...>' is not closed")
    return branches, position


def compile_template(line: str, kind: str) -> Template:
    """Compile one line; the held-out share is drawn by a hash of the words alone."""
    code = zlib.crc32(f"{kind}/{line}".encode())
    branches, _ = _parse(_TOKEN.findall(line.replace("\\n", "\n").replace("\\t", "\t")), 0, False)
    split: Split = "heldout" if code % 100 < HELD_OUT_PERCENT else "train"
    return Template(f"{kind}-{code:08x}", kind, split, branches[0])


@cache
def load_templates() -> tuple[Template, ...]:
    """Read every ``templates/<kind>.txt``, in order of kind and line."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("# "):
                found.append(compile_template(line, path.stem))
    return tuple(found)


def expand(nodes: list[Node], rng: random.Random) -> list[str | tuple[str, str]]:
    """Settle every choice; what is left is text and slots."""
    flat: list[str | tuple[str, str]] = []
    for node in nodes:
        if isinstance(node, list):
            flat.extend(expand(rng.choice(node), rng))
        else:
            flat.append(node)
    return flat
