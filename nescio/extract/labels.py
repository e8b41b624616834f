"""What tells a label from other text: of a form's field, of a heading, of a caption."""

from __future__ import annotations

import re
from typing import Final

LABEL_LENGTH: Final = 40
"""Characters; a longer text is not a label."""
WORDS: Final = 6
"""Words; a longer text before a colon is not a label."""
SMALL: Final = 0.87
"""A line this much smaller than the one below it is the label of that value."""

_FIELD: Final = re.compile(r"([^\W\d](?:[^:()]|\([^()]*\)){0,39}):\s*\S")
_CAPTION: Final = re.compile(
    r"https?:|(?:table|figure|listing|appendix|section)\s+\S{1,8}:", re.IGNORECASE
)
_LABEL: Final = re.compile(r"[^\W\d][^:.]{0,38}:$")


def is_field(text: str) -> bool:
    """Say whether a text begins with a label and its value: ``DOB: 24/05/1977``."""
    match = _FIELD.match(text)
    return match is not None and len(match[1].split()) <= WORDS and not _CAPTION.match(text)


def is_label(text: str) -> bool:
    """Say whether a text is a label and nothing else: ``Date of birth:``."""
    return _LABEL.match(text) is not None
