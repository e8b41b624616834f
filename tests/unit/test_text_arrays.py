"""What is not redacted stays where it was: MuPDF moves what follows a gap in a text array."""

from __future__ import annotations

import pymupdf
import pytest

from nescio.redact.text_arrays import split_text

LINES = {
    "one string": b"[(Mrs. Doe was here)] TJ",
    "kerned strings": b"[(Mrs. D)-10(o)5(e wa)-20(s here)] TJ",
    "word spacing": b"2 Tw [(Mrs. Doe was here)] TJ",
    "a single glyph": b"(Mrs. D Doe was here) Tj",
    "next line": b"14 TL (Mrs.) Tj (Doe was here) ' 3 2 (and) \"",
    "hexadecimal": b"[<4d72732e20446f6520776173> ( here)] TJ",
}


def page_with(line: bytes) -> pymupdf.Page:
    page = pymupdf.open().new_page()
    page.insert_text((0, 0), "x", fontname="helv")
    contents = b"q BT /helv 10 Tf 1 0 0 1 60 600 Tm %s ET Q" % line
    page.parent.update_stream(page.get_contents()[0], contents)
    return page


def places(page: pymupdf.Page) -> dict[str, float]:
    return {word[4]: round(word[0], 2) for word in page.get_text("words")}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_words_after_a_redaction_stay_in_place(line: bytes) -> None:
    page = page_with(line)
    before = places(page)
    split_text(page)
    assert places(page) == before
    box = next(word for word in page.get_text("words") if word[4] == "Doe")
    x0, y0, x1, y1 = box[:4]
    page.add_redact_annot((x0 + 0.5, y0 + 4, x1 - 0.5, y1 - 4), fill=False)
    page.apply_redactions(images=0, graphics=0)
    assert places(page) == {word: x for word, x in before.items() if word != "Doe"}
