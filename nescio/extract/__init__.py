"""PDF in; words with boxes, paragraphs in reading order, and page facts out."""

from nescio.extract.document import Extraction, extract_pages
from nescio.extract.opening import PdfFacts, inspect, open_pdf

__all__ = ["Extraction", "PdfFacts", "extract_pages", "inspect", "open_pdf"]
