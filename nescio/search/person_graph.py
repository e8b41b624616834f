"""Union-find over names and numbers that refuses to make one person of what contradicts itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from nescio.search.names import PersonName
from nescio.search.person_names import compatible, is_full


@dataclass
class Node:
    """A distinct name or number, and after joins all that is one person's."""

    names: list[PersonName] = field(default_factory=list)
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class Graph:
    """Union-find whose joins are refused where they would contradict."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._parent: list[int] = []
        self.refused: dict[tuple[int, int], str] = {}

    def add(self, node: Node) -> int:
        """Add a node; return its number."""
        self.nodes.append(node)
        self._parent.append(len(self._parent))
        return len(self._parent) - 1

    def root(self, number: int) -> int:
        """Return the node that stands for all that were joined with this one."""
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def join(self, a: int, b: int, *, by_context: bool = False) -> str:
        """Make two nodes one person unless their data contradict.

        Args:
            a: a node.
            b: another.
            by_context: what stands around them says that they are one, so that a contradiction is
                a conflict to be reported.

        Returns:
            About what they contradict each other, a kind of number or ``name``; ``""`` if they
            are one person now.
        """
        first, second = sorted((self.root(a), self.root(b)))
        if first == second:
            return ""
        about = _contradiction(self.nodes[first], self.nodes[second])
        if about:
            if by_context:
                self.refused[a, b] = about
            return about
        self._parent[second] = first
        kept, gone = self.nodes[first], self.nodes[second]
        kept.names += gone.names
        for kind, values in gone.numbers.items():
            kept.numbers[kind] |= values
        return ""


def _contradiction(a: Node, b: Node) -> str:
    for kind in a.numbers.keys() & b.numbers.keys():
        if not all(_ends_with(x, y) for x in a.numbers[kind] for y in b.numbers[kind]):
            return kind
    full = [n for n in a.names if is_full(n)], [n for n in b.names if is_full(n)]
    if all(full) and not any(compatible(x, y) for x in full[0] for y in full[1]):
        return "name"
    return ""


def _ends_with(a: str, b: str) -> bool:
    """Say whether one number, as words, is the other or its last words."""
    long, short = (a, b) if len(a) >= len(b) else (b, a)
    return long == short or long.endswith(" " + short)
