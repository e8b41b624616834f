"""Edited proposals come back as decisions: accepted, rejected, moved, added; or a clear refusal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pymupdf
import pytest
from lxml import etree
from pikepdf import Array, Dictionary, Name
from review_inputs import DOC, NAME, NUMBER, OTHER_NAME, propose

from nescio.decided import redactions_from
from nescio.errors import ConfigurationError
from nescio.redact import redact_document
from nescio.review import audit
from nescio.review.apply import Applied, apply_proposal
from nescio.review.proposal import proposal_key
from nescio.review.xfdf import NAMESPACE
from nescio.store import LocalStore

TAG = f"{{{NAMESPACE}}}"


def edit(store: LocalStore, path: Path, change: Callable[[pikepdf.Pdf], None]) -> Path:
    """Save a proposal as a person's viewer would, after a change."""
    with pikepdf.open(io.BytesIO(store.read(proposal_key(DOC, "pdf")))) as pdf:
        change(pdf)
        pdf.save(path)
    return path


def edit_xfdf(store: LocalStore, path: Path, change: Callable[[Any], None]) -> Path:
    root = etree.fromstring(store.read(proposal_key(DOC, "xfdf")))
    change(root.find(f"{TAG}annots"))
    path.write_bytes(etree.tostring(root))
    return path


def add(page: Any, kind: str, rect: tuple[float, ...], **other: Any) -> None:
    page.Annots.append(Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array(rect), **other))


def move(mark: Any, rect: tuple[float, ...]) -> None:
    x0, y0, x1, y1 = rect
    mark.Rect, mark.QuadPoints = Array(rect), Array([x0, y1, x1, y1, x0, y0, x1, y0])


def place_of(pdf: Path, text: str, page: int = 0) -> tuple[float, ...]:
    """Return where a text stands, in PDF coordinates, of a page that is not rotated."""
    with pymupdf.open(pdf) as document:
        rect = document[page].search_for(text)[0] * ~document[page].transformation_matrix
        return tuple(pymupdf.Rect(rect).normalize())


def texts(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [" ".join(page.get_text().split()) for page in document]


def apply(tmp_path: Path, edited: Path, **options: Any) -> Applied:
    original = options.pop("original", tmp_path / "original.pdf")
    return apply_proposal(str(tmp_path / "out"), DOC, edited, original, **options)


def released(tmp_path: Path) -> Path:
    return tmp_path / "out" / "released" / f"{DOC}.pdf"


def counts(tmp_path: Path) -> dict[str, int]:
    path = released(tmp_path).with_suffix(".certificate.json")
    certificate = json.loads(path.read_text())
    assert certificate["verdict"] == "verified"
    assert NAME not in path.read_text() and OTHER_NAME not in path.read_text()
    return {name: number for name, number in certificate["review"].items() if number}


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("suffix", ["pdf", "xfdf"])
def test_accepting_everything_is_the_same_as_no_review(
    tmp_path: Path, suffix: str, rotation: int
) -> None:
    pdf, _, redactions = propose(tmp_path, rotation=rotation, mark=True)
    apply(tmp_path, tmp_path / "out" / proposal_key(DOC, suffix))
    assert counts(tmp_path) == {"accepted": 4}
    plain = tmp_path / "plain.pdf"
    redact_document(pdf, plain, redactions)
    assert texts(released(tmp_path)) == texts(plain)
    with pymupdf.open(plain) as one, pymupdf.open(released(tmp_path)) as other:
        for a, b in zip(one, other, strict=True):
            assert a.get_pixmap(dpi=100).samples == b.get_pixmap(dpi=100).samples


def test_a_release_makes_pictures_of_pages_where_the_run_would(tmp_path: Path) -> None:
    propose(tmp_path, raster="all")
    apply(tmp_path, tmp_path / "out" / proposal_key(DOC, "pdf"))
    assert texts(released(tmp_path)) == ["", ""]
    with pymupdf.open(released(tmp_path)) as document:
        assert all(len(page.get_images()) == 1 for page in document)


def test_a_page_whose_fonts_tell_something_else_is_released_as_a_picture(tmp_path: Path) -> None:
    propose(tmp_path, flags={1: ["barcode", "unreadable_text"], 0: ["barcode"]})
    apply(tmp_path, tmp_path / "out" / proposal_key(DOC, "pdf"))
    first, second = texts(released(tmp_path))
    assert "Aspirin 75 mg" in first and second == ""
    certificate = json.loads(released(tmp_path).with_suffix(".certificate.json").read_text())
    assert certificate["pictures"] == [1]


@pytest.mark.parametrize("kept", [True, False])
def test_links_to_the_web_stay_where_the_run_would_keep_them(tmp_path: Path, kept: bool) -> None:
    propose(tmp_path, web_links=True)
    path = tmp_path / "out" / proposal_key(DOC, "json")
    record = json.loads(path.read_text())
    assert record["web_links"] is True
    path.write_text(json.dumps(record | {"web_links": kept}))
    apply(tmp_path, tmp_path / "out" / proposal_key(DOC, "pdf"))
    with pymupdf.open(released(tmp_path)) as document:
        links = [link.get("uri") for page in document for link in page.get_links()]
    assert links == (["https://example.org/a"] * 2 if kept else [])


def test_the_audit_trail_names_marks_and_no_text(tmp_path: Path) -> None:
    pdf, store, _ = propose(tmp_path)
    place = place_of(pdf, OTHER_NAME)

    def change(edited: pikepdf.Pdf) -> None:
        del edited.pages[0].Annots[0]
        move(edited.pages[0].Annots[0], place)
        add(edited.pages[1], "/Square", place)

    apply(tmp_path, edit(store, tmp_path / "e.pdf", change), others="cover")
    out = str(tmp_path / "out")
    told = {entry["action"]: entry["marks"] for entry in audit.entries(out)}
    assert told == {"accepted": ["1.1", "3.1"], "moved": ["2.0"], "rejected": ["0.0"],
                    "added": ["+4"], "released": []}  # fmt: skip
    assert audit.check_trail(out).entries == 5
    assert NAME.encode() not in (tmp_path / "out" / audit.AUDIT_KEY).read_bytes()


def test_a_deleted_mark_lets_the_text_stand_there_alone(tmp_path: Path) -> None:
    _, store, _ = propose(tmp_path)

    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[0].Annots[0]

    apply(tmp_path, edit(store, tmp_path / "e.pdf", change))
    first, second = texts(released(tmp_path))
    assert NAME in first and NAME not in second and NUMBER not in first + second
    assert counts(tmp_path) == {"accepted": 3, "rejected": 1, "conflicts": 1}


@pytest.mark.parametrize("kind", ["/Square", "/Highlight", "/Redact"])
def test_a_new_mark_hides_what_it_covers_and_asks_about_the_rest(tmp_path: Path, kind: str) -> None:
    pdf, store, _ = propose(tmp_path)
    place = place_of(pdf, OTHER_NAME)

    def change(edited: pikepdf.Pdf) -> None:
        add(edited.pages[0], kind, place, Subj=pikepdf.String("NAME"))

    edited = edit(store, tmp_path / "e.pdf", change)
    with pytest.raises(ConfigurationError, match=r"1 more places \(pages 2\)") as error:
        apply(tmp_path, edited)
    assert OTHER_NAME not in str(error.value) and not released(tmp_path).exists()
    apply(tmp_path, edited, others="leave")
    first, second = texts(released(tmp_path))
    assert OTHER_NAME not in first and OTHER_NAME in second and "of the clinic, for" in first
    assert counts(tmp_path) == {"accepted": 4, "added": 1}
    apply(tmp_path, edited, others="cover")
    assert not any(OTHER_NAME in text for text in texts(released(tmp_path)))
    assert counts(tmp_path) == {"accepted": 4, "added": 1, "others_covered": 1}


def test_a_moved_mark_hides_its_new_place(tmp_path: Path) -> None:
    pdf, store, _ = propose(tmp_path)

    def change(edited: pikepdf.Pdf) -> None:
        move(edited.pages[0].Annots[0], place_of(pdf, OTHER_NAME))

    apply(tmp_path, edit(store, tmp_path / "e.pdf", change), others="cover")
    first, second = texts(released(tmp_path))
    assert NAME in first and NAME not in second and OTHER_NAME not in first + second
    wanted = {"accepted": 3, "moved": 1, "others_covered": 1, "conflicts": 1}
    assert counts(tmp_path) == wanted


def test_a_mark_on_a_picture_clears_its_pixels_and_the_text_on_it(tmp_path: Path) -> None:
    _, store, _ = propose(tmp_path, picture=True)

    def change(edited: pikepdf.Pdf) -> None:
        for page in edited.pages:  # 842 points high; the text's upper part is not under the mark
            add(page, "/Square", (305, 842 - 400, 400, 842 - 344))

    apply(tmp_path, edit(store, tmp_path / "e.pdf", change))
    assert counts(tmp_path) == {"accepted": 4, "added": 2}
    assert not any("Brennhald" in text.split("10 days.")[1] for text in texts(released(tmp_path)))
    with pymupdf.open(released(tmp_path)) as document:
        assert document[0].get_pixmap().pixel(350, 380) == (0, 0, 0)
        assert document[0].get_pixmap().pixel(415, 410) == (200, 200, 200)
        (image,) = document[0].get_images()
        pixels = pymupdf.Pixmap(document, image[0])
        assert pixels.pixel(25, 40) != pixels.pixel(58, 55), "gone from the picture itself"


def test_marks_on_nothing_are_listed_and_expose_nothing(tmp_path: Path) -> None:
    _, store, _ = propose(tmp_path)

    def change(edited: pikepdf.Pdf) -> None:
        add(edited.pages[1], "/Square", (300, 20, 400, 60))
        move(edited.pages[0].Annots[0], (300, 20, 400, 60))

    done = apply(tmp_path, edit(store, tmp_path / "e.pdf", change))
    assert sorted(done.empty) == [0, 1]
    assert not any(NAME in text for text in texts(released(tmp_path)))
    assert counts(tmp_path) == {"accepted": 4, "covering_nothing": 2}


def test_xfdf_comes_back_with_the_same_decisions(tmp_path: Path) -> None:
    pdf, store, _ = propose(tmp_path)
    place = ",".join(str(value) for value in place_of(pdf, OTHER_NAME))

    def change(annots: Any) -> None:
        annots.remove(annots[0])
        etree.SubElement(annots, f"{TAG}square", page="0", rect=place)

    apply(tmp_path, edit_xfdf(store, tmp_path / "e.xfdf", change), others="cover")
    first, second = texts(released(tmp_path))
    assert NAME in first and NAME not in second and OTHER_NAME not in first + second
    wanted = {"accepted": 3, "rejected": 1, "added": 1, "others_covered": 1, "conflicts": 1}
    assert counts(tmp_path) == wanted


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    pdf, _, _ = propose(tmp_path)
    edited = tmp_path / "out" / proposal_key(DOC, "pdf")
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(pdf.read_bytes() + b"\n")
    stranger = tmp_path / "stranger.xfdf"
    stranger.write_text(f'<xfdf xmlns="{NAMESPACE}"><annots/></xfdf>')
    hostile = tmp_path / "hostile.xfdf"
    hostile.write_text('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    for options, words in (
        ({"edited": edited, "original": changed}, "not the file that this proposal"),
        ({"edited": pdf}, "does not belong to this proposal"),
        ({"edited": stranger}, "does not belong to this proposal"),
        ({"edited": hostile}, "neither a PDF nor XFDF"),
    ):
        with pytest.raises(ConfigurationError, match=words) as error:
            apply(tmp_path, **options)
        assert int(error.value.exit_code) == 2
    assert not (tmp_path / "out" / "released").exists()
    with pytest.raises(ConfigurationError, match="no proposal"):
        apply_proposal(str(tmp_path / "out"), "d-other", edited, pdf)


def test_a_reviewed_release_is_judged_by_the_decisions_of_the_person(tmp_path: Path) -> None:
    pdf, store, redactions = propose(tmp_path)

    def change(edited: pikepdf.Pdf) -> None:
        del edited.pages[0].Annots[1]

    apply(tmp_path, edit(store, tmp_path / "e.pdf", change))
    table = redactions_from(tmp_path / "out", released(tmp_path), pdf)
    assert len(table) == len(redactions) - 1
