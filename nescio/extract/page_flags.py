"""Why a person must look at a page before its document may be released."""

from typing import Final

FLAG_NO_TEXT: Final = "no_text"
"""Flag of a page that shows something in which neither its text layer nor OCR finds a text."""
FLAG_UNSURE: Final = "uncertain_text"
"""Flag of a page on which OCR is not sure what it read: handwriting, a stamp, a bad scan."""
FLAG_UNREADABLE: Final = "unreadable_text"
"""Flag of a page whose fonts do not tell, or tell wrongly, which characters its glyphs are."""
FLAG_BROKEN: Final = "broken_contents"
"""Flag of a page of which MuPDF could read a part only."""
FLAG_BARCODE: Final = "barcode"
"""Flag of a page with a picture of a barcode: what it says is searched, but it may mean more."""
FLAG_FACE: Final = "face"
"""Flag of a page with a picture of a face."""
FLAG_SIGNATURE: Final = "signature"
"""Flag of a page with a picture of strokes of a pen near a label such as ``Signature:``."""
PAGE_FLAGS: Final = (
    FLAG_NO_TEXT, FLAG_UNSURE, FLAG_UNREADABLE, FLAG_BROKEN,
    FLAG_BARCODE, FLAG_FACE, FLAG_SIGNATURE,
)  # fmt: skip
