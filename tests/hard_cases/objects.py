"""Hard cases beside page text: structure, bookmarks, metadata, notes, forms, layers, scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pymupdf
from pikepdf import Array, Dictionary, Name, String

from .case import NUMBER, PERSON, STAYS, Build, Case, changed, drawn
from .texts import line

BARE = PERSON.replace(" ", "")
PLAIN = drawn(line)
"""A page with the name in its text, to which other places are added."""

Change = Callable[[pikepdf.Pdf], None]


def with_document(add: Callable[[pymupdf.Document], None]) -> Build:
    """Return a builder that adds to the plain page with PyMuPDF."""

    def build(path: Path) -> None:
        PLAIN(path)
        with pymupdf.open(path) as document:
            add(document)
            document.save(path.with_suffix(".more"))
        path.with_suffix(".more").replace(path)

    return build


def structure(pdf: pikepdf.Pdf) -> None:
    element = Dictionary(S=Name.P, Alt=PERSON, ActualText=PERSON, T=PERSON, E=PERSON)
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.StructTreeRoot = Dictionary(
        Type=Name.StructTreeRoot, K=Array([pdf.make_indirect(element)])
    )


def actual_text(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    page.Resources.Properties = Dictionary(P0=Dictionary(ActualText=PERSON))
    hexed = PERSON.encode("utf-16-be").hex().encode()
    marks = b"/Span << /ActualText <feff%s> >> BDC EMC /Span /P0 BDC EMC" % hexed
    page.contents_add(pdf.make_stream(marks))


def bookmarks(document: pymupdf.Document) -> None:
    document.set_toc([[1, "Results", 1], [2, f"Letter of {PERSON}", 1], [1, NUMBER, 1]])


def labels(document: pymupdf.Document) -> None:
    document.set_page_labels([{"startpage": 0, "prefix": PERSON, "style": "D"}])


def destinations(pdf: pikepdf.Pdf) -> None:
    target = Array([pdf.pages[0].obj, Name.Fit])
    pdf.Root.Dests = Dictionary({f"/{BARE}": target})
    tree = Dictionary(Names=Array([String(PERSON), target]))
    pdf.Root.Names = Dictionary(Dests=tree)


def metadata(document: pymupdf.Document) -> None:
    document.set_metadata({"title": PERSON, "author": PERSON, "keywords": NUMBER})
    document.set_xml_metadata(f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{PERSON}</x:xmpmeta>")


def private_data(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Patient"] = PERSON
    private = Dictionary(Maker=Dictionary(Private=PERSON))
    pdf.Root.PieceInfo = pdf.pages[0].obj.PieceInfo = private
    pdf.trailer.ID = Array([String(BARE[:16]), String(BARE[:16])])
    pdf.pages[0].obj.Metadata = pdf.make_stream(PERSON.encode(), Type=Name.Metadata)


def attachments(document: pymupdf.Document) -> None:
    document.embfile_add(f"{PERSON}.txt", PERSON.encode(), desc=PERSON)
    document[0].add_file_annot((350, 300), PERSON.encode(), f"{PERSON}.txt")


def rich_media(pdf: pikepdf.Pdf) -> None:
    file = Dictionary(F=String(f"{BARE}.mp4"), Type=Name.Filespec)
    file.EF = Dictionary(F=pdf.make_stream(PERSON.encode(), Type=Name.EmbeddedFile))
    assets = Dictionary(Names=Array([String(PERSON), pdf.make_indirect(file)]))
    annotation = Dictionary(
        Type=Name.Annot,
        Subtype=Name.RichMedia,
        Rect=[300, 300, 400, 400],
        RichMediaContent=Dictionary(Assets=assets),
        NM=PERSON,
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(annotation)])
    pdf.Root.AF = Array([file])


def notes(document: pymupdf.Document) -> None:
    page = document[0]
    note = page.add_text_annot((300, 300), f"{PERSON} called")
    note.set_info(title=PERSON, subject=NUMBER)
    reply = page.add_text_annot((320, 300), f"answered {PERSON}")
    reply.set_irt_xref(note.xref)
    reply.set_popup((330, 330, 400, 400))
    page.add_freetext_annot((72, 200, 300, 230), f"ask {PERSON}")
    stamp = page.add_stamp_annot((72, 300, 200, 350))
    stamp.set_info(title=PERSON, content=NUMBER)


def form_fields(document: pymupdf.Document) -> None:
    for number, (name, kind) in enumerate({"patient": 7, BARE: 7, "ward": 3}.items()):
        widget = pymupdf.Widget()
        widget.field_type = kind
        widget.field_name = name
        widget.field_label = PERSON
        widget.rect = pymupdf.Rect(72, 200 + 40 * number, 300, 220 + 40 * number)
        if kind == pymupdf.PDF_WIDGET_TYPE_COMBOBOX:
            widget.choice_values = [PERSON, "nobody"]
        widget.field_value = PERSON
        document[0].add_widget(widget)


def rich_values(pdf: pikepdf.Pdf) -> None:
    for field in pdf.Root.AcroForm.Fields:
        field.DV, field.RV, field.TM = PERSON, f"<p>{PERSON}</p>", PERSON
    xml = f"<xdp:xdp><name>{PERSON}</name></xdp:xdp>".encode()
    pdf.Root.AcroForm.XFA = pdf.make_stream(xml)


def layers(document: pymupdf.Document) -> None:
    hidden = document.add_ocg(f"notes on {PERSON}", on=False)
    document[0].insert_text((72, 300), PERSON, oc=hidden)
    printed = document.add_ocg("print", on=True)
    document[0].insert_text((72, 320), f"No. {NUMBER}", oc=printed)


def print_only(pdf: pikepdf.Pdf) -> None:
    for group in pdf.Root.OCProperties.OCGs:
        off = Dictionary(ViewState=Name.OFF)
        group.Usage = Dictionary(View=off, Print=Dictionary(PrintState=Name.ON))


def thumbnail(pdf: pikepdf.Pdf) -> None:
    picture = pdf.make_stream(PERSON.encode().ljust(100, b"."))
    picture.Width = picture.Height = 10
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
    pdf.pages[0].obj.Thumb = picture


def second_revision(path: Path) -> None:
    PLAIN(path)
    with pymupdf.open(path) as document:
        page = document[0]
        page.clean_contents()
        document.update_stream(page.get_contents()[0], b"BT ET")
        page.insert_text((72, 60), STAYS)
        document.saveIncr()


def leftovers(path: Path) -> None:
    """Objects that nothing refers to, and bytes after the end."""
    PLAIN(path)
    with pymupdf.open(path) as document:
        for text in (PERSON, NUMBER):
            xref = document.get_new_xref()
            document.update_object(xref, f"<< /Old ({text}) >>")
        document.save(path.with_suffix(".more"))
    path.write_bytes(path.with_suffix(".more").read_bytes() + f"\n% {PERSON}\n".encode())


def object_streams(path: Path) -> None:
    changed(PLAIN, structure)(path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def actions(pdf: pikepdf.Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS=f"app.alert('{PERSON}')")
    pdf.Root.OpenAction = script
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
    pdf.pages[0].obj.AA = Dictionary(O=script)
    file = Dictionary(Type=Name.Filespec, F=String(f"{BARE}.pdf"))
    kinds = (
        Dictionary(S=Name.URI, URI=String(f"https://example.org/{BARE}")),
        Dictionary(S=Name.GoToR, F=file, D=Array([0, Name.Fit])),
        Dictionary(S=Name.Launch, F=file),
        Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String(f"mailto:{BARE}@x.org"))),
    )
    pdf.pages[0].obj.Annots = Array(
        pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[72, 500, 200, 520], A=action)
        )
        for action in kinds
    )


BOTH = (PERSON, NUMBER)

OBJECTS = (
    Case(10, "structure tree", changed(PLAIN, structure)),
    Case(10, "ActualText in contents and properties", changed(PLAIN, actual_text)),
    Case(11, "bookmarks", with_document(bookmarks), BOTH),
    Case(11, "page labels", with_document(labels)),
    Case(11, "named destinations", changed(PLAIN, destinations)),
    Case(12, "Info and XMP", with_document(metadata), BOTH),
    Case(12, "PieceInfo, ID, odd Info keys", changed(PLAIN, private_data)),
    Case(13, "attachments", with_document(attachments)),
    Case(13, "rich media, associated files", changed(PLAIN, rich_media)),
    Case(14, "notes, replies, stamps, authors", with_document(notes), BOTH),
    Case(15, "form fields", with_document(form_fields)),
    Case(15, "rich values and static XFA", changed(with_document(form_fields), rich_values)),
    Case(16, "layer that is off", with_document(layers), BOTH),
    Case(16, "layer for print only", changed(with_document(layers), print_only), BOTH),
    Case(21, "thumbnail", changed(PLAIN, thumbnail)),
    Case(22, "incremental update", second_revision),
    Case(22, "unreferenced objects, bytes after the end", leftovers, BOTH),
    Case(22, "object streams", object_streams),
    Case(25, "scripts and actions", changed(PLAIN, actions)),
)
