"""One generated PDF, or more, for each of the 34 ways in which a redaction fails."""

from .case import Case
from .objects import OBJECTS
from .pictures import PICTURES
from .refusals import REFUSALS
from .texts import TEXTS

CASES: tuple[Case, ...] = tuple(
    sorted((*TEXTS, *OBJECTS, *PICTURES, *REFUSALS), key=lambda case: case.row)
)

__all__ = ["CASES", "Case"]
