"""What MuPDF's redaction leaves where it cannot cut: paths that cross a box, text in patterns.

Pages that do not verify are redacted once more and then go through here. What this takes away
may be more than was under the boxes; the verifier decides whether the page is still good.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import pikepdf
from pikepdf import ContentStreamInstruction, Dictionary, Matrix, Name, Operator, Stream

from nescio.redact.glyphs import Rect, overlap
from nescio.redact.paths import is_rule

Point = tuple[float, float]

PIECES: Final = 16
"""Pieces into which a curve is cut to leave out those under a box."""

DEEPEST: Final = 16
"""Levels of forms within forms that are followed."""

CONSTRUCT: Final = frozenset({"m", "l", "c", "v", "y", "h", "re"})
STROKE: Final = frozenset({"S", "s"})
PAINT: Final = STROKE | {"f", "F", "f*", "B", "B*", "b", "b*", "n"}
CLIP: Final = frozenset({"W", "W*"})


def harden_page(pdf: pikepdf.Pdf, page: pikepdf.Page, boxes: Sequence[Rect]) -> None:
    """Cut paths at ``boxes`` (x0, y0, x1, y1 in PDF user space) and empty patterns with text."""
    resources = page.obj.get(Name.Resources, Dictionary())
    page.obj.Resources = _empty_patterns(pdf, resources)
    page.contents_coalesce()
    cut = _Cutter(pdf, boxes).run(page.obj.Contents, page.obj.Resources, Matrix(), 0)
    if cut is not None:
        page.obj.Contents = pdf.make_stream(cut)


def _empty_patterns(pdf: pikepdf.Pdf, resources: Any) -> Dictionary:
    """Return resources whose patterns and soft masks draw no text and no pictures."""
    own = _copy(resources)
    if isinstance(own.get(Name.Pattern), Dictionary):
        own.Pattern = _copy(own.Pattern)
        for name, pattern in own.Pattern.items():
            if isinstance(pattern, Stream) and _draws_text_or_picture(pattern):
                own.Pattern[name] = _emptied(pdf, pattern)
    if isinstance(own.get(Name.ExtGState), Dictionary):
        own.ExtGState = _copy(own.ExtGState)
        for name, state in own.ExtGState.items():
            mask = state.get(Name.SMask) if isinstance(state, Dictionary) else None
            group = mask.get(Name.G) if isinstance(mask, Dictionary) else None
            if isinstance(group, Stream) and _draws_text_or_picture(group):
                changed = _copy(state)
                changed.SMask = _copy(state.SMask)
                changed.SMask.G = _emptied(pdf, group)
                own.ExtGState[name] = changed
    return own


def _copy(dictionary: Any) -> Dictionary:
    """Return a dictionary of its own: other pages may use the same one."""
    return Dictionary(dict(dictionary.items()))


def _draws_text_or_picture(stream: Stream) -> bool:
    operators = {str(item.operator) for item in pikepdf.parse_content_stream(stream)}
    return bool(operators & {"Tj", "TJ", "'", '"', "Do", "INLINE IMAGE", "BI"})


def _emptied(pdf: pikepdf.Pdf, stream: Stream) -> Stream:
    copy = pdf.make_stream(b"")
    for key, value in stream.items():
        if key not in {"/Length", "/Filter", "/DecodeParms"}:
            copy[key] = value
    return copy


@dataclass
class _Part:
    """One operator of a path with its points, all absolute, and where it starts."""

    operator: str
    points: list[Point]
    start: Point


class _Cutter:
    """Rewrites content streams; paths that cross a box lose what lies under it."""

    def __init__(self, pdf: pikepdf.Pdf, boxes: Sequence[Rect]) -> None:
        self._pdf = pdf
        self._boxes = boxes

    def run(self, stream: Any, resources: Any, matrix: Matrix, depth: int) -> bytes | None:
        """Return the rewritten stream, or None where nothing had to change."""
        instructions: list[Any] = []
        path: list[Any] = []
        saved: list[Matrix] = []
        changed = False
        for item in pikepdf.parse_content_stream(stream):
            operator = str(item.operator)
            if operator in CONSTRUCT or operator in CLIP:
                path.append(item)
                continue
            if operator in PAINT:
                rewritten = self._paint(path, operator, matrix)
                changed |= rewritten is not None
                instructions += [*path, item] if rewritten is None else rewritten
                path = []
                continue
            if operator == "q":
                saved.append(matrix)
            elif operator == "Q" and saved:
                matrix = saved.pop()
            elif operator == "cm":
                matrix = Matrix(*(float(value) for value in item.operands)) @ matrix
            elif operator == "Do" and depth < DEEPEST:
                name = self._form(resources, item.operands[0], matrix, depth)
                if name is not None:
                    item = ContentStreamInstruction([name], Operator("Do"))
                    changed = True
            instructions.append(item)
        return pikepdf.unparse_content_stream(instructions) if changed else None

    def _form(self, resources: Any, name: Any, matrix: Matrix, depth: int) -> Name | None:
        """Return the name of a rewritten copy of a form, where it had to be rewritten."""
        forms = resources.get(Name.XObject, Dictionary())
        form = forms.get(str(name))
        if not isinstance(form, Stream) or form.get(Name.Subtype) != Name.Form:
            return None
        inner = form.get(Name.Resources, resources)
        if Name.Matrix in form:
            matrix = Matrix(form.Matrix) @ matrix
        cut = self.run(form, inner, matrix, depth + 1)
        if cut is None:
            return None
        copy = _emptied(self._pdf, form)
        copy.write(cut)
        resources.XObject = _copy(forms)
        fresh = Name(f"/{str(name)[1:]}Cut{len(resources.XObject)}")
        resources.XObject[fresh] = copy
        return fresh

    def _paint(self, path: list[Any], operator: str, matrix: Matrix) -> list[Any] | None:
        """Return the instructions of a path without what lies under boxes; None if all stays."""
        parts = list(_parts([item for item in path if str(item.operator) in CONSTRUCT]))
        if not any(self._is_ink(part, matrix) for part in parts):
            return None
        if operator in STROKE:
            closing = ["h"] if operator == "s" else []
            kept = list(self._cut_stroke(parts, bool(closing), matrix))
        else:
            kept = []
            for subpath in _subpaths(parts):
                if not any(self._is_ink(part, matrix) for part in subpath):
                    kept += [(part.operator, part.points) for part in subpath]
        clips = [item for item in path if str(item.operator) in CLIP]
        drawn = [
            ContentStreamInstruction([x for point in points for x in point], Operator(name))
            for name, points in kept
        ]
        painted = "S" if operator in STROKE else operator
        return [*drawn, *clips, ContentStreamInstruction([], Operator(painted if drawn else "n"))]

    def _is_ink(self, part: _Part, matrix: Matrix) -> bool:
        """Say whether a part is no rule and no rectangle, and touches a box."""
        if part.operator in {"m", "re"}:
            return False
        points = [_moved(matrix, point) for point in (part.start, *part.points)]
        if part.operator in {"l", "h"} and is_rule(points[0], points[-1]):
            return False
        return any(overlap(_bounds(points), box) for box in self._boxes)

    def _cut_stroke(
        self, parts: Sequence[_Part], closed: bool, matrix: Matrix
    ) -> Iterator[tuple[str, list[Point]]]:
        pen: Point | None = None
        if closed and parts:
            first = next((part.points[0] for part in parts if part.operator == "m"), None)
            if first is not None:
                parts = [*parts, _Part("l", [first], parts[-1].points[-1])]
        for part in parts:
            if part.operator in {"m", "re"} or not self._is_ink(part, matrix):
                if part.operator not in {"m", "re"} and pen != part.start:
                    yield "m", [part.start]
                yield part.operator, part.points
                pen = part.points[-1] if part.points else None
                continue
            for piece in _pieces(part):
                points = [_moved(matrix, point) for point in piece]
                if any(overlap(_bounds(points), box) for box in self._boxes):
                    continue
                if pen != piece[0]:
                    yield "m", [piece[0]]
                yield ("l" if len(piece) == 2 else "c"), list(piece[1:])
                pen = piece[-1]


def _parts(path: Sequence[Any]) -> Iterator[_Part]:
    """Spell out a path: ``v`` and ``y`` become ``c``, ``h`` becomes a line."""
    current = first = (0.0, 0.0)
    for item in path:
        operator = str(item.operator)
        numbers = [float(value) for value in item.operands]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if operator == "re":
            yield _Part("re", points, current)
            current = first = points[0]
            continue
        if operator == "v":
            operator, points = "c", [current, *points]
        elif operator == "y":
            operator, points = "c", [*points, points[-1]]
        elif operator == "h":
            operator, points = "l", [first]
        yield _Part(operator, points, current)
        current = points[-1]
        if operator == "m":
            first = current


def _subpaths(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    subpath: list[_Part] = []
    for part in parts:
        if part.operator in {"m", "re"} and subpath:
            yield subpath
            subpath = []
        subpath.append(part)
    if subpath:
        yield subpath


def _pieces(part: _Part) -> Iterator[tuple[Point, ...]]:
    """Cut a line or a curve into short pieces of its own kind."""
    curve = [part.start, *part.points]
    for number in range(PIECES, 0, -1):
        left, right = _split(curve, 1 / number)
        yield tuple(left)
        curve = right


def _split(curve: Sequence[Point], t: float) -> tuple[list[Point], list[Point]]:
    """Split a Bezier curve (a line has two points) at ``t`` (de Casteljau)."""
    left, right, points = [curve[0]], [curve[-1]], list(curve)
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
        left.append(points[0])
        right.insert(0, points[-1])
    return left, right


def _moved(matrix: Matrix, point: Point) -> Point:
    x, y = matrix.transform(point)
    return float(x), float(y)


def _bounds(points: Sequence[Point]) -> Rect:
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)
