"""Text that is not page contents: annotations, fields, bookmarks, metadata, files, scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

import pymupdf
from pymupdf import mupdf

from nescio.extract.objects import strings_of
from nescio.extract.page_text import PageText
from nescio.extract.words import Box

NOWHERE: Final[Box] = (0.0, 0.0, 0.0, 0.0)
LONGEST: Final = 5000
"""Characters of a note that are one paragraph."""
LONGEST_LIST: Final = 2000
"""Characters of names of one sort (destinations, form fields) that make one paragraph."""

_BY_APPLICATIONS: Final = re.compile(
    r"(creat|mod)(e|ion|ify)?date|metadatadate|trapped|(document|instance)id|format|about|lang",
    re.I,
)
"""Metadata that applications write by themselves."""
_NUMBERED: Final = re.compile(
    r"(_?(Toc|Ref|Hlk|bookmark)|OLE_LINK|[GMR]|page|section)?[\d._]+", re.I
)
"""Names of destinations that applications number."""
_WORTH_READING: Final = re.compile(r"/(?:JS|Alt|ActualText|E|URI|EF|TU|DV|RV|FT|Launch|GoToR)\b")
"""What an object holds, in MuPDF's compact spelling, if its strings can be text."""

_ORIGINS: Final = {
    "JS": "script",
    "URI": "script",
    "Alt": "structure",
    "ActualText": "structure",
    "E": "structure",
    "Desc": "attachment",
    "F": "attachment",
    "UF": "attachment",
    "TU": "form",
    "DV": "form",
    "RV": "form",
}
_ANNOTATION_TEXT: Final = ("Contents", "Subj", "OverlayText", "RC", "Desc", "F", "UF", "CA", "Alt")
_WRITTEN: Final = (
    mupdf.PDF_WIDGET_TYPE_TEXT,
    mupdf.PDF_WIDGET_TYPE_COMBOBOX,
    mupdf.PDF_WIDGET_TYPE_LISTBOX,
)
"""Form fields whose value is text."""
_TAGS: Final = re.compile(r"<[^>]*>")


class Note(NamedTuple):
    """A text that is not page contents."""

    text: str
    origin: str  # one of PARAGRAPH_ORIGINS
    box: Box = NOWHERE


def notes_of_document(document: pymupdf.Document) -> list[Note]:
    """Return what stands on no page of a document, every text once."""
    notes = [Note(title, "bookmark") for _, title, *_ in document.get_toc()]
    notes += _metadata(document)
    notes += [Note(name, "attachment") for name in document.embfile_names()]
    notes += _list_of(document.resolve_names(), "bookmark")
    notes += _list_of((label["prefix"] for label in document.get_page_labels()), "bookmark")
    notes += _objects(document)
    notes += _xfa(document)
    return list(_distinct(notes))


def notes_of_page(page: pymupdf.Page, text: PageText) -> list[Note]:
    """Return what a page's annotations and fields hold beside what they show."""
    document = page.parent
    if document.xref_get_key(page.xref, "Annots")[0] == "null":
        return []
    shown = _squeezed(word.text for run in (*text.runs, *text.slanted) for word in run)
    notes: list[Note] = []
    for annotation in page.annots() or ():
        strings = list(strings_of(document, annotation.xref))
        texts = [_TAGS.sub(" ", string) for key, string in strings if key in _ANNOTATION_TEXT]
        texts = [string for string in dict.fromkeys(texts) if _squeezed(string) not in shown]
        texts += [f"Author: {string}" for key, string in strings if key == "T" and string.strip()]
        box = tuple(annotation.rect * page.rotation_matrix)
        notes.append(Note("\n".join(dict.fromkeys(texts)), "annotation", box))
    for widget in page.widgets() or ():
        value = widget.field_value if widget.field_type in _WRITTEN else None
        if isinstance(value, str) and value.strip() and _squeezed(value) not in shown:
            label = widget.field_label or widget.field_name or ""
            box = tuple(widget.rect * page.rotation_matrix)
            notes.append(Note(f"{label}: {value}" if label else value, "form", box))
    return list(_distinct(notes))


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split()).casefold()


def _distinct(notes: Iterable[Note]) -> Iterator[Note]:
    seen: set[tuple[str, str]] = set()
    for note in notes:
        for text in _pieces(note.text.replace("\0", "").strip()):
            if (note.origin, text) not in seen:
                seen.add((note.origin, text))
                yield Note(text, note.origin, note.box)


def _pieces(text: str) -> Iterator[str]:
    """Cut a long text, such as a script, at white space."""
    while len(text) > LONGEST:
        cut = max(text.rfind(space, LONGEST // 2, LONGEST) for space in "\n\r\t ")
        cut = cut if cut > 0 else LONGEST
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text


def _list_of(names: Iterable[str], origin: str) -> list[Note]:
    """Put names into few paragraphs, one name a line, without those that are only numbers."""
    lists: list[str] = []
    for name in dict.fromkeys(names):
        if not name.strip() or _NUMBERED.fullmatch(name):
            continue
        if lists and len(lists[-1]) + len(name) < LONGEST_LIST:
            lists[-1] += f"\n{name}"
        else:
            lists.append(name)
    return [Note(text, origin) for text in lists]


def _metadata(document: pymupdf.Document) -> Iterator[Note]:
    kind, reference = document.xref_get_key(-1, "Info")
    if kind == "xref":
        for key, text in strings_of(document, int(reference.split()[0])):
            if not _BY_APPLICATIONS.fullmatch(key):
                yield Note(f"{key}: {text}", "metadata")
    xmp = document.get_xml_metadata()
    if not xmp:
        return
    try:
        root = ElementTree.fromstring(xmp.strip("\0\ufeff \r\n"))
    except ElementTree.ParseError:
        yield Note(_TAGS.sub(" ", xmp), "metadata")
        return
    for key, text in _xml_texts(root):
        if not _BY_APPLICATIONS.fullmatch(key):
            yield Note(f"{key}: {text}", "metadata")


def _xml_texts(root: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts and attributes of an XML tree, each with the name it stands under."""
    names = {child: parent for parent in root.iter() for child in parent}
    for element in root.iter():
        named = element
        while _local(named.tag) in ("li", "Seq", "Bag", "Alt", "value") and named in names:
            named = names[named]
        if element.text and element.text.strip():
            yield _local(named.tag), element.text.strip()
        for name, value in element.attrib.items():
            if value.strip() and ":" not in value[:6]:
                yield _local(name), value


def _local(name: str) -> str:
    return str(name).rpartition("}")[2]


def _objects(document: pymupdf.Document) -> list[Note]:
    """Return the strings of objects all over the file: scripts, links, tags, files, fields."""
    notes: list[Note] = []
    names: list[str] = []
    for xref in range(1, document.xref_length()):
        if not _WORTH_READING.search(source := document.xref_object(xref, compressed=True)):
            continue
        is_file = "/EF" in source or "/Launch" in source or "/GoToR" in source
        is_field = "/FT/" in source
        for key, text in strings_of(document, xref):
            origin = _ORIGINS.get(key, "")
            if is_field and key in ("T", "Opt"):
                names.append(text)
            elif is_field and key in ("Reason", "Location", "ContactInfo", "Name"):
                notes.append(Note(f"{key}: {text}", "form"))
            elif is_field and key == "V" and "/Kids" not in source and "/Rect" not in source:
                notes.append(Note(text, "form"))
            elif origin and (origin != "attachment" or is_file):
                notes.append(Note(_TAGS.sub(" ", text) if key == "RV" else text, origin))
    return notes + _list_of(names, "form")


def _xfa(document: pymupdf.Document) -> Iterator[Note]:
    """Yield the texts of an XFA form (ISO 32000-1, 12.7.8): values first, then its captions."""
    pdf = mupdf.pdf_document_from_fz_document(document.this)
    form = mupdf.pdf_dict_getp(mupdf.pdf_trailer(pdf), "Root/AcroForm/XFA")
    streams = [form, *(mupdf.pdf_array_get(form, n) for n in range(mupdf.pdf_array_len(form)))]
    packets = [
        mupdf.pdf_load_stream(s).fz_buffer_extract() for s in streams if mupdf.pdf_is_stream(s)
    ]
    whole = b"".join(packets)
    if not whole:
        return
    try:
        texts = list(_xml_texts(ElementTree.fromstring(whole)))
    except ElementTree.ParseError:
        texts = [("", _TAGS.sub(" ", whole.decode("utf-8", "replace")))]
    for key, text in texts:
        yield Note(f"{key}: {text}" if key else text, "form")
