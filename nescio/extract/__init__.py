"""PDF in; words with boxes, paragraphs in reading order, and page facts out."""

from nescio.extract.document import Extraction, extract_pages
from nescio.extract.opening import REASONS, PdfFacts, inspect, open_pdf
from nescio.extract.page_flags import FLAG_BROKEN, FLAG_NO_TEXT, FLAG_UNREADABLE, PAGE_FLAGS

__all__ = [
    "FLAG_BROKEN",
    "FLAG_NO_TEXT",
    "FLAG_UNREADABLE",
    "PAGE_FLAGS",
    "REASONS",
    "Extraction",
    "PdfFacts",
    "extract_pages",
    "inspect",
    "open_pdf",
]
