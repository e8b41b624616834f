"""What may change on a page outside boxes: how letters are rounded, not which stand there."""

from __future__ import annotations

import pikepdf
import pymupdf
import pypdfium2
import pytest

from nescio.redact.findings import Findings
from nescio.redact.verify_pictures import PicturePage, check_render

LINE = "Concomitant medication: warfarin and metformin. Blood pressure was measured at each visit."


def page_of(lines: int, moved: float = 0.0) -> pymupdf.Page:
    """Return a page of text; the first line is moved to the right by so many points."""
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    for number in range(lines):
        page.insert_text((50 + moved * (number == 0), 50 + 14 * number), LINE, fontsize=10)
    return page


@pytest.mark.parametrize(
    ("lines", "moved", "status"),
    [
        (50, 0.0, "passed"),
        (50, 0.2, "passed"),  # a quarter of a pixel: letters' edges are drawn anew
        (47, 0.0, "failed"),
        (53, 0.0, "failed"),
        (49, 0.0, "failed"),
    ],
)
def test_rounding_is_no_collateral_and_lost_lines_are(
    lines: int, moved: float, status: str
) -> None:
    original, page = page_of(50), page_of(lines, moved)
    data = page.parent.tobytes()
    second = pypdfium2.PdfDocument(data)
    findings = Findings()
    with pikepdf.Pdf.new() as file:
        check_render(PicturePage(0, page, original, file, []), second[0], False, findings)
    assert {row.number: row.status for row in findings.rows()}[31] == status
