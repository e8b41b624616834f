"""Links to the web stay on request, where they are clean; anything else that links goes."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pymupdf
import pytest
from redact_inputs import SECRET, boxes_of, make, row, table, text

from nescio.redact import redact_document, verify
from nescio.redact.links import is_clean_address

CLEAN = "https://example.org/guideline"
PLACE = (72, 300, 172, 320)


def linked(path: Path, *uris: str, rotation: int = 0) -> Path:
    """Write a page with a link to each address, one below the other."""

    def draw(page: pymupdf.Page) -> None:
        text(f"Patient {SECRET}", "See the guideline.")(page)
        for number, uri in enumerate(uris):
            x0, y0, x1, y1 = PLACE
            place = pymupdf.Rect(x0, y0 + 30 * number, x1, y1 + 30 * number)
            page.insert_link({"kind": pymupdf.LINK_URI, "from": place, "uri": uri})

    return make(path, draw, rotation=rotation)


def addresses(pdf: Path) -> list[str]:
    with pikepdf.open(pdf) as document:
        return [str(item.A.URI) for item in document.pages[0].get("/Annots", [])]


def test_without_a_request_no_link_stays(tmp_path: Path) -> None:
    pdf, out = linked(tmp_path / "a.pdf", CLEAN), tmp_path / "out.pdf"
    redact_document(pdf, out, boxes_of(pdf, SECRET))
    assert addresses(out) == []


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_clean_link_stays_where_it_was_and_nothing_else_of_it(
    tmp_path: Path, rotation: int
) -> None:
    secret = "https://example.org/" + SECRET.replace(" ", "%20")
    others = (secret, "mailto:a@example.org", f"{CLEAN}?patient=7", "file:///home/a/b.pdf")
    pdf, out = linked(tmp_path / "a.pdf", CLEAN, *others, rotation=rotation), tmp_path / "out.pdf"
    result = redact_document(pdf, out, boxes_of(pdf, SECRET), web_links=True)
    assert addresses(out) == [CLEAN] and "web_links_kept:1" in result.notes
    with pikepdf.open(pdf) as before, pikepdf.open(out) as after:
        old, new = before.pages[0].Annots[0], after.pages[0].Annots[0]
        assert [float(v) for v in new.Rect] == pytest.approx([float(v) for v in old.Rect], abs=0.1)
        assert set(new.keys()) == {"/Type", "/Subtype", "/Rect", "/Border", "/A"}
    assert result.certificate.checks[24].status == "passed"


def test_a_link_under_a_box_goes_with_what_it_stood_on(tmp_path: Path) -> None:
    pdf, out = linked(tmp_path / "a.pdf", CLEAN), tmp_path / "out.pdf"
    redact_document(pdf, out, table(row(0, (60, 295, 100, 325), "")), web_links=True)
    assert addresses(out) == []


def test_the_verifier_takes_no_link_that_is_more_than_one(tmp_path: Path) -> None:
    pdf, out = linked(tmp_path / "a.pdf", CLEAN), tmp_path / "out.pdf"
    boxes = boxes_of(pdf, SECRET)
    redact_document(pdf, out, boxes, web_links=True)
    assert verify(out, pdf, boxes, web_links=True).verdict == "verified"
    assert {check.number for check in verify(out, pdf, boxes).failed} == {14, 25}
    for change in (
        {"/Contents": pikepdf.String("note")},
        {"/A": pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"https://example.org/{SECRET}")},
        {"/A": pikepdf.Dictionary(S=pikepdf.Name.Launch, F="a")},
    ):
        changed = tmp_path / "changed.pdf"
        with pikepdf.open(out) as document:
            for key, value in change.items():
                document.pages[0].Annots[0][key] = value
            document.save(changed)
        failed = {check.number for check in verify(changed, pdf, boxes, web_links=True).failed}
        assert failed & {14, 25}, change


def test_addresses_that_may_tell_who_are_not_clean() -> None:
    assert is_clean_address(CLEAN) and is_clean_address("http://example.org")
    for uri in ("https://a@example.org/", f"{CLEAN}?q=1", f"{CLEAN}#x", "ftp://example.org/", "x"):
        assert not is_clean_address(uri)
    assert not is_clean_address("https://[broken")


def test_a_hidden_address_on_the_page_takes_its_link_with_it(tmp_path: Path) -> None:
    pdf, out = linked(tmp_path / "a.pdf", CLEAN), tmp_path / "out.pdf"
    hidden = table(row(-1, (0, 0, 0, 0), CLEAN, label="URL"))
    redact_document(pdf, out, hidden, web_links=True)
    assert addresses(out) == []
