"""Debian's Chromium, headless, for the tests of the review page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
NEEDED = "NESCIO_NEED_BROWSER"
"""Environment variable by which a test without a browser fails instead of being skipped."""


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser, or skip the test where there is none."""
    if not CHROMIUM.exists():
        what = "no /usr/bin/chromium: the review page is tested in Debian's package chromium"
        if os.environ.get(NEEDED):
            pytest.fail(what)
        pytest.skip(what)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Containers have no user namespaces for Chromium's sandbox; the pages are ours.
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()
