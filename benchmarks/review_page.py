"""Measures the review page on a document of 300 pages: `python -m benchmarks.review_page`.

Run it on a machine that does nothing else. It needs Debian's package chromium for the first two
figures; the third is taken without a browser.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit"))

import redact_inputs
from browsers import chromium
from review_inputs import DOC, NAME, decisions_of
from review_servers import Client, list_original, serving

from nescio import tables
from nescio.review.proposal import write_proposal
from nescio.store import LocalStore

PAGES = 300
DECISIONS = 200


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _propose(folder)
        with serving(folder / "out", "server") as address:
            client = Client(address).log_in()
            client.state()
            times = []
            for number in range(DECISIONS):
                start = time.perf_counter()
                client.do(do="verdict", marks=[f"{number}.{number}"], verdict="accepted")
                times.append(1000 * (time.perf_counter() - start))
            ranked = sorted(times)
            print(f"a decision at the server: median {statistics.median(times):.1f} ms, "
                  f"99 of 100 below {ranked[int(0.99 * DECISIONS)]:.1f} ms")  # fmt: skip
        with serving(folder / "out", "browser") as address, chromium() as browser:
            tab = browser.new_page(viewport={"width": 1280, "height": 800})
            tab.goto(address)
            tab.wait_for_selector("tbody a")
            start = time.perf_counter()
            tab.click("tbody a")
            tab.wait_for_function(
                "() => document.querySelector('.page.source img')?.complete && "
                "document.querySelector('.box')"
            )
            print(f"first page of {PAGES}, with its boxes, in the browser: "
                  f"{time.perf_counter() - start:.2f} s")  # fmt: skip


def _propose(folder: Path) -> None:
    lines = [f"Patient: {NAME} was seen today.", *["Nothing of note in this line."] * 30]
    pdf = redact_inputs.make(folder / "long.pdf", *[redact_inputs.text(*lines)] * PAGES)
    redactions = redact_inputs.boxes_of(pdf, NAME, doc=DOC)
    given = (decisions_of(redactions), redactions, tables.empty("words"))
    document = {"doc": DOC, "pages": PAGES, "outbox_key": "k"}
    write_proposal(LocalStore(folder / "out"), pdf, document, given, style="box", boxes="tight")
    list_original(folder / "out", pdf)


if __name__ == "__main__":
    main()
