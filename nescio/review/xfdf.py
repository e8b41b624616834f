"""Reads and writes marks as XFDF (ISO 19444-1), which viewers import and export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

from nescio.errors import ConfigurationError
from nescio.review.annotations import quads_of
from nescio.review.marks import AUTHOR, Mark, hex_colour, quad_of

NAMESPACE: Final = "http://ns.adobe.com/xfdf/"
KINDS: Final = {"redact": "Redact", "highlight": "Highlight", "square": "Square"}
"""Element -> kind of mark."""


def write_xfdf(marks: Iterable[Mark], file: str, file_id: str, when: str) -> bytes:
    """Return an XFDF document.

    Args:
        marks: its annotations.
        file: name of the PDF beside it.
        file_id: the permanent identifier of that PDF, as hexadecimal digits.
        when: date and time as PDF writes them.
    """
    root = etree.Element(f"{{{NAMESPACE}}}xfdf", nsmap={None: NAMESPACE})
    etree.SubElement(root, f"{{{NAMESPACE}}}f", href=file)
    etree.SubElement(root, f"{{{NAMESPACE}}}ids", original=file_id, modified=file_id)
    annots = etree.SubElement(root, f"{{{NAMESPACE}}}annots")
    for mark in marks:
        attributes = {
            "page": str(mark.page),
            "rect": _numbers(mark.rect),
            "coords": _numbers(value for quad in mark.quads for value in quad),
            "name": mark.name,
            "title": AUTHOR,
            "subject": mark.subject,
            "color": hex_colour(mark.label),
            "interior-color": "#000000",
            "flags": "print",
            "creationdate": when,
            "date": when,
        }
        if mark.overlay:
            attributes["overlay-text"] = mark.overlay
        item = etree.SubElement(annots, f"{{{NAMESPACE}}}redact", attributes)
        etree.SubElement(item, f"{{{NAMESPACE}}}contents").text = mark.contents
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def _numbers(values: Iterable[float]) -> str:
    return ",".join(f"{value:g}" if value == int(value) else f"{value:.3f}" for value in values)


def read_xfdf(data: bytes) -> tuple[str, list[Mark]]:
    """Return the identifier of the PDF that an XFDF document belongs to (or ""), and its marks.

    Raises:
        ConfigurationError: it is no XFDF.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or root.tag != f"{{{NAMESPACE}}}xfdf":
        raise ConfigurationError(
            "the edited file is neither a PDF nor XFDF.",
            "Save the proposal in your viewer, or export its comments as XFDF.",
        )
    ids = root.find(f"{{{NAMESPACE}}}ids")
    file_id = str(ids.get("original", "")) if ids is not None else ""
    return file_id.strip("<>").lower(), list(_marks(root))


def _marks(root: etree._Element) -> Iterator[Mark]:
    for item in root.iterfind(f"{{{NAMESPACE}}}annots/*"):
        kind = KINDS.get(etree.QName(item).localname) if isinstance(item.tag, str) else None
        if kind is None:
            continue
        try:
            page = int(item.get("page", ""))
            if item.get("coords"):
                quads = quads_of([float(value) for value in item.get("coords", "").split(",")])
            else:
                x0, y0, x1, y1 = (float(value) for value in item.get("rect", "").split(","))
                quads = (quad_of((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))),)
        except ValueError:
            continue
        contents = item.findtext(f"{{{NAMESPACE}}}contents") or ""
        name, subject = item.get("name", ""), item.get("subject", "")
        yield Mark(kind, page, quads, name, subject, contents, item.get("overlay-text", ""))
