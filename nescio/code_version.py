"""Which code ran: part of the outbox key, so that new code means new output."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from nescio import __version__


@cache
def code_version() -> str:
    """Return the image digest where one is set, else the version with a hash of the sources."""
    image = os.environ.get("NESCIO_IMAGE_DIGEST", "")
    if image:
        return image
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".yaml", ".csv", ".txt"} and path.is_file():
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:16]}"
