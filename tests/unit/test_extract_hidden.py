"""What a viewer does not show is read, too, and its origin is told."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from extract_inputs import Draw, extracted, paragraphs, read, save, texts

from nescio.extract import Extraction, extract_pages


def without_size(page: pymupdf.Page) -> None:
    """Write text of size zero."""
    page.insert_text((60, 100), "Oberhuber", fontsize=77)
    xref = page.get_contents()[-1]
    stream = page.parent.xref_stream(xref)
    page.parent.update_stream(xref, stream.replace(b" 77 Tf", b" 0 Tf"))


def shown_and(draw: Draw) -> Draw:
    """Write a visible line, and what is to be tested."""
    return lambda page: (page.insert_text((60, 60), "a visible line"), draw(page))


HIDING: dict[str, Draw] = {
    "white on white": lambda page: page.insert_text((60, 100), "Oberhuber", color=(1, 1, 1)),
    "render mode 3": lambda page: page.insert_text((60, 100), "Oberhuber", render_mode=3),
    "transparent": lambda page: page.insert_text((60, 100), "Oberhuber", fill_opacity=0),
    "beside the page": lambda page: page.insert_text((-200, 100), "Oberhuber"),
    "too small to see": lambda page: page.insert_text((60, 100), "Oberhuber", fontsize=0.01),
    "of no size": without_size,
    "cropped": lambda page: (
        page.insert_text((60, 800), "Oberhuber"),
        page.set_cropbox((0, 0, 595, 700)),
    ),
    "layer off": lambda page: page.insert_text(
        (60, 100), "Oberhuber", oc=page.parent.add_ocg("notes", on=False)
    ),
    "layer shown while another is off": lambda page: page.insert_text(
        (60, 100),
        "Oberhuber",
        oc=page.parent.set_ocmd(ocgs=[page.parent.add_ocg("on", on=True)], policy="AllOff"),
    ),
}


@pytest.mark.parametrize("hiding", HIDING)
def test_hidden_text_is_read_as_hidden(tmp_path: Path, hiding: str) -> None:
    extraction = extracted(tmp_path, shown_and(HIDING[hiding]))
    assert texts(extraction, origin="page") == ["a visible line"]
    assert texts(extraction, origin="hidden") == ["Oberhuber"]


def test_white_text_on_a_dark_ground_is_visible(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.draw_rect((50, 80, 300, 110), fill=(0.1, 0.2, 0.5))
        page.insert_text((60, 100), "Oberhuber", color=(1, 1, 1))

    assert texts(extracted(tmp_path, draw), origin="page") == ["Oberhuber"]


def test_a_layer_that_shows_is_visible(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 100), "Oberhuber", oc=page.parent.add_ocg("shown", on=True))
        page.parent.add_ocg("other", on=False)

    assert texts(extracted(tmp_path, draw), origin="page") == ["Oberhuber"]


def test_text_that_glyphs_are_said_to_mean_is_read_beside_them(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 100), "Patient 12")
        xref = page.get_contents()[0]
        stream = page.parent.xref_stream(xref)
        marked = b"/Span <</ActualText (Wilhelmina)>> BDC %s EMC" % stream
        page.parent.update_stream(xref, marked)

    extraction = extracted(tmp_path, draw)
    assert texts(extraction, origin="page") == ["Patient 12"]
    assert "Wilhelmina" in "".join(texts(extraction, origin="hidden"))


def add_field(page: pymupdf.Page, name: str, value: str, y: float, **options: object) -> None:
    """Add a text field to a form."""
    widget = pymupdf.Widget()
    widget.field_type = pymupdf.PDF_WIDGET_TYPE_TEXT
    widget.field_name, widget.field_value = name, value
    widget.rect = pymupdf.Rect(160, y - 12, 320, y + 4)
    widget.text_fontsize = 10
    for option, setting in options.items():
        setattr(widget, option, setting)
    page.add_widget(widget)


def test_the_value_of_a_form_field_stands_behind_the_label_printed_beside_it(
    tmp_path: Path,
) -> None:
    def draw(page: pymupdf.Page) -> None:
        for row, label in enumerate(["Name:", "Ward:", "City:"]):
            page.insert_text((60, 100 + 30 * row), label, fontsize=10)
            add_field(page, f"f{row}", f"Value {row}", 100 + 30 * row)

    extraction = extracted(tmp_path, draw)
    assert texts(extraction, origin="form", kind="field") == [
        "Name:\tValue 0",
        "Ward:\tValue 1",
        "City:\tValue 2",
    ]
    assert not any("Value" in text for text in texts(extraction, kind="note"))


def test_a_value_that_a_form_does_not_show_is_read(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 60), "a visible line")
        add_field(page, "name", "Oberhuber", 100, field_label="Patient", field_display=1)

    extraction = extracted(tmp_path, draw)
    assert "Patient: Oberhuber" in texts(extraction, origin="form", page=0)


def test_what_a_note_says_and_who_wrote_it_is_read(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        note = page.add_text_annot((100, 100), "Call Mrs Varga")
        note.set_info(title="Dr Oberhuber")
        note.update()
        page.add_freetext_annot((100, 200, 300, 230), "a typed remark", fontsize=10)

    extraction = extracted(tmp_path, draw)
    assert texts(extraction, origin="annotation", kind="note") == [
        "Call Mrs Varga\nAuthor: Dr Oberhuber"
    ]
    assert texts(extraction, origin="annotation", kind="body") == ["a typed remark"]


def with_everything(page: pymupdf.Page) -> None:
    """Put text wherever a PDF keeps some beside its pages."""
    document = page.parent
    page.insert_text((60, 100), "text")
    page.insert_link(
        {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(1, 1, 9, 9), "uri": "mailto:v@example.org"}
    )
    page.add_file_annot((200, 200), b"x", "varga scan.jpg", desc="her scan")
    document.set_metadata({"author": "Dr Oberhuber", "title": "Letter"})
    document.set_toc([[1, "Narrative of Mrs Varga", 1]])
    document.set_page_labels([{"startpage": 0, "prefix": "Varga-", "firstpagenum": 1}])
    document.embfile_add("varga.csv", b"1", desc="extract of her chart")
    document.set_xml_metadata(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>I. Varga'
        "</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    catalogue = document.pdf_catalog()
    script = document.get_new_xref()
    document.update_object(script, "<</S/JavaScript/JS(var patient = 'Varga';)>>")
    document.xref_set_key(catalogue, "OpenAction", f"{script} 0 R")
    tag = document.get_new_xref()
    document.update_object(tag, "<</S/Figure/Alt(Portrait of Mrs Varga)/ActualText(Varga)>>")
    document.xref_set_key(catalogue, "StructTreeRoot", f"<</Type/StructTreeRoot/K {tag} 0 R>>")
    document.xref_set_key(catalogue, "Dests", f"<</Varga_visit[{page.xref} 0 R/Fit]>>")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Extraction:
    return read(save(tmp_path_factory.mktemp("pdf") / "a.pdf", with_everything))


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ("bookmark", "Narrative of Mrs Varga"),
        ("bookmark", "Varga-"),
        ("bookmark", "Varga_visit"),
        ("metadata", "Author: Dr Oberhuber"),
        ("metadata", "creator: I. Varga"),
        ("attachment", "varga.csv"),
        ("attachment", "extract of her chart"),
        ("attachment", "varga scan.jpg"),
        ("script", "var patient = 'Varga';"),
        ("script", "mailto:v@example.org"),
        ("structure", "Portrait of Mrs Varga"),
        ("structure", "Varga"),
    ],
)
def test_what_stands_on_no_page_is_read(everything: Extraction, origin: str, text: str) -> None:
    notes = paragraphs(everything, kind="note", page=-1)
    assert (origin, text) in {(row["origin"], row["text"]) for row in notes}


def test_what_stands_on_no_page_comes_once(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", with_everything, lambda page: None, lambda page: None)
    assert paragraphs(extract_pages(path, "d-1", 0, 1), page=-1)
    assert not paragraphs(extract_pages(path, "d-1", 1, 3), page=-1)


def test_values_of_an_xfa_form_are_read(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((60, 100), "a page")
        document = page.parent
        packet = document.get_new_xref()
        document.update_object(packet, "<<>>")
        document.update_stream(packet, b"<xdp><data><patient>Varga</patient></data></xdp>")
        document.xref_set_key(
            document.pdf_catalog(), "AcroForm", f"<</Fields[]/XFA[(datasets) {packet} 0 R]>>"
        )

    assert "patient: Varga" in texts(extracted(tmp_path, draw), origin="form")
