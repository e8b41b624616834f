"""A rebuilt file has pages, what they need to show, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pymupdf
import pytest
from redact_inputs import SECRET, boxes_of, make, row, table, text, words

from nescio import tables
from nescio.errors import QuarantinedError
from nescio.redact import redact_document
from nescio.redact.image_codecs import without_jpeg_metadata, without_jpx_metadata

NOTHING = tables.empty("redactions")


def everywhere(path: Path) -> Path:
    """Write a document that holds the secret in every place beside its page contents."""
    with pymupdf.open() as document:
        for number in range(2):
            document.new_page().insert_text((72, 100), f"harmless page {number}")
        page = document[0]
        document.set_metadata({"title": SECRET, "author": SECRET, "keywords": SECRET})
        document.set_xml_metadata(f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>")
        document.set_toc([[1, "Results", 1], [2, f"Letter of {SECRET}", 2], [1, "End", 2]])
        document.embfile_add(f"{SECRET}.txt", SECRET.encode(), desc=SECRET)
        note = page.add_text_annot((300, 300), SECRET)
        note.set_info(title=SECRET)
        page.add_file_annot((350, 300), b"x", f"{SECRET}.txt")
        page.insert_link(
            {
                "kind": pymupdf.LINK_URI,
                "from": pymupdf.Rect(72, 90, 200, 110),
                "uri": f"https://x.org/{SECRET.replace(' ', '')}",
            }
        )
        document.set_page_labels([{"startpage": 0, "prefix": SECRET, "style": "D"}])
        document.save(path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{SECRET}')")
        pdf.Root.OpenAction = script
        pdf.Root.Names.JavaScript = pikepdf.Dictionary(Names=["a", script])
        pdf.Root.Dests = pikepdf.Dictionary({f"/{SECRET.replace(' ', '')}": [pdf.pages[0].obj]})
        pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
        element = pikepdf.Dictionary(S=pikepdf.Name.P, Alt=SECRET, ActualText=SECRET, T=SECRET)
        pdf.Root.StructTreeRoot = pikepdf.Dictionary(K=[pdf.make_indirect(element)])
        private = pikepdf.Dictionary(Nescio=pikepdf.Dictionary(Private=SECRET))
        pdf.Root.PieceInfo = private
        pdf.pages[0].obj.PieceInfo = private
        pdf.pages[0].obj.Thumb = pdf.make_stream(SECRET.encode())
        pdf.pages[0].obj.AA = pikepdf.Dictionary(O=script)
        resources = pdf.pages[0].obj.Resources
        resources.Properties = pikepdf.Dictionary(P0=pikepdf.Dictionary(Owner=SECRET))
        marks = f"/Span << /ActualText ({SECRET}) >> BDC EMC /Span /P0 BDC EMC".encode()
        pdf.pages[0].contents_add(pdf.make_stream(marks))
        pdf.save(path)
    return path


def raw(pdf: Path) -> bytes:
    """Return all that is in a file: its bytes and every decoded stream."""
    with pikepdf.open(pdf) as file:
        streams = [item.read_bytes() for item in file.objects if isinstance(item, pikepdf.Stream)]
        names = [str(key) for item in file.objects if hasattr(item, "keys") for key in item]
    return pdf.read_bytes() + b"\n".join(streams) + "\n".join(names).encode()


def test_what_stands_beside_page_contents_is_gone(tmp_path: Path) -> None:
    pdf = everywhere(tmp_path / "a.pdf")
    assert raw(pdf).count(b"Vargasdottir") >= 10
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(-1, (0, 0, 0, 0), SECRET)))
    assert b"Vargasdottir" not in raw(out)
    assert words(out) == ["harmless", "page", "0"]


def test_only_allowed_objects_are_in_the_file(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    redact_document(everywhere(tmp_path / "a.pdf"), out, table(row(-1, (0, 0, 0, 0), SECRET)))
    with pikepdf.open(out) as pdf:
        assert set(pdf.Root.keys()) <= {"/Type", "/Pages", "/Outlines"}
        assert set(pdf.docinfo.keys()) == {"/Producer"}
        allowed = {
            "/Type",
            "/Parent",
            "/Contents",
            "/Resources",
            "/MediaBox",
            "/CropBox",
            "/Rotate",
        }
        assert all(set(page.obj.keys()) <= allowed for page in pdf.pages)


def test_clean_bookmarks_stay_and_others_go(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    pdf = everywhere(tmp_path / "a.pdf")
    result = redact_document(pdf, out, table(row(-1, (0, 0, 0, 0), SECRET)))
    with pymupdf.open(out) as document:
        assert [entry[:3] for entry in document.get_toc()] == [[1, "Results", 1], [1, "End", 2]]
    assert "bookmarks_removed:1" in result.notes


def test_what_is_lost_is_reported(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    result = redact_document(everywhere(tmp_path / "a.pdf"), out, NOTHING, kept=[SECRET])
    expected = {"tagging_removed", "metadata_removed", "attachments_removed:1", "actions_removed"}
    assert expected <= set(result.notes)


def test_there_is_one_revision_and_nothing_to_carve(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text(f"by {SECRET}"))
    with pymupdf.open(pdf) as document:  # a second revision, with the first one still in the file
        document[0].insert_text((72, 300), "added later")
        document.saveIncr()
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, SECRET))
    data = out.read_bytes()
    assert data.count(b"%%EOF") == data.count(b"startxref") == 1
    assert b"Varga" not in raw(out)


def test_the_file_has_a_new_identity(tmp_path: Path) -> None:
    pdf = make(tmp_path / "a.pdf", text("harmless"))
    redact_document(pdf, tmp_path / "b.pdf", NOTHING)
    with pikepdf.open(pdf) as old, pikepdf.open(tmp_path / "b.pdf") as new:
        assert bytes(old.trailer.ID[0]) != bytes(new.trailer.ID[0])


def test_rotation_and_boxes_of_pages_stay(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((172, 200), "Hello Vargas there")
        page.set_cropbox(pymupdf.Rect(50, 60, 500, 700))

    pdf = make(tmp_path / "a.pdf", draw, rotation=90)
    out = tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, "Vargas"))
    with pymupdf.open(pdf) as before, pymupdf.open(out) as after:
        assert after[0].rotation == 90
        assert after[0].rect == before[0].rect
    assert words(out) == ["Hello", "there"]


def test_a_resource_that_a_page_does_not_draw_is_not_carried_along(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        image = pdf.make_stream(bytes(100 * 100), Type=pikepdf.Name.XObject)
        image.Subtype, image.Width, image.Height = pikepdf.Name.Image, 100, 100
        image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceGray, 8
        page = pdf.add_blank_page()
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        page.Contents = pdf.make_stream(b"0 0 10 10 re f")
        pdf.save(tmp_path / "a.pdf")
    redact_document(tmp_path / "a.pdf", tmp_path / "out.pdf", NOTHING)
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert not [item for item in pdf.objects if "/Subtype" in getattr(item, "keys", list)()]


def test_fonts_do_not_tell_which_letters_a_removed_name_had(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        font = pymupdf.Font("tiro")
        writer = pymupdf.TextWriter(page.rect)
        writer.append((72, 100), "seen by Žižek here", font=font)
        writer.write_text(page)
        page.parent.subset_fonts()

    pdf = make(tmp_path / "a.pdf", draw)
    out = tmp_path / "out.pdf"
    with pymupdf.open(pdf) as document:
        name = next(w for w in document[0].get_text("words") if w[4].startswith("Ž"))
        _, _, _, before = document.extract_font(document[0].get_fonts()[0][0])
    redact_document(pdf, out, table(row(0, name[:4], "Žižek")))
    assert words(out) == ["seen", "by", "here"]
    with pymupdf.open(out) as document:
        _, _, _, after = document.extract_font(document[0].get_fonts()[0][0])
    assert len(after) < len(before)
    with pikepdf.open(out) as file:
        cmaps = [
            item.ToUnicode.read_bytes()
            for item in file.objects
            if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item
        ]
    assert cmaps and not any(b"017D" in cmap or b"017E" in cmap for cmap in cmaps)


def test_glyphs_of_type_3_fonts_that_nothing_shows_are_gone(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        procs = {
            f"/g{number}": pdf.make_stream(b"600 0 0 0 500 700 d1 %d 0 400 700 re f" % number)
            for number in range(3)
        }
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type3,
            FontBBox=[0, 0, 600, 700],
            FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
            FirstChar=65,
            LastChar=67,
            Widths=[600, 600, 600],
            Encoding=pikepdf.Dictionary(Differences=[65, *(pikepdf.Name(name) for name in procs)]),
            CharProcs=pikepdf.Dictionary(procs),
            Resources=pikepdf.Dictionary(),
        )
        page = pdf.add_blank_page(page_size=(300, 200))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream(
            b"BT /F1 20 Tf 50 100 Td (ABCCCBA) Tj ET BT /F1 20 Tf 50 50 Td (AAA) Tj ET"
        )
        pdf.save(tmp_path / "a.pdf")
    redact_document(
        tmp_path / "a.pdf", tmp_path / "out.pdf", table(row(0, (45, 80, 140, 106), "ABCCCBA"))
    )
    assert words(tmp_path / "out.pdf") == ["AAA"]
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        fonts = pdf.pages[0].obj.Resources.Font
        procs = next(font.CharProcs for _, font in fonts.items())
        assert list(procs.keys()) == ["/g0"]


@pytest.mark.parametrize("clean", [without_jpeg_metadata, without_jpx_metadata])
def test_data_that_is_no_picture_is_left_alone(clean: Callable[[bytes], bytes]) -> None:
    for data in (b"", b"no picture", b"\xff\xd8\xff", b"\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00"):
        assert clean(data) == data or len(clean(data)) <= len(data)


def test_objects_nested_without_end_are_quarantined(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        space: object = pikepdf.Name.DeviceGray
        for _ in range(200):
            space = pikepdf.Array([pikepdf.Name.Indexed, space, 0, pikepdf.String(b"0")])
        page.Resources = pikepdf.Dictionary(ColorSpace=pikepdf.Dictionary(C0=space))
        page.Contents = pdf.make_stream(b"/C0 cs 0 sc 0 0 9 9 re f")
        pdf.save(tmp_path / "a.pdf")
    with pytest.raises(QuarantinedError):
        redact_document(tmp_path / "a.pdf", tmp_path / "out.pdf", NOTHING)
    assert not (tmp_path / "out.pdf").exists()
