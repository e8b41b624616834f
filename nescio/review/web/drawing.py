"""Draws pages and reads words in processes of their own, so that decisions never wait for them."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import tempfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

import pyarrow as pa
import pymupdf

from nescio import tables
from nescio.isolation import limit_memory
from nescio.redact import open_prepared
from nescio.redact.apply import read_text, unrotated
from nescio.redact.boxes import OFF_PAGE, by_page
from nescio.redact.clear import Plan, clear
from nescio.redact.glyphs import Rect
from nescio.redact.overlay import Style
from nescio.review.compare import compare
from nescio.review.confidential import Confidential, hide
from nescio.review.covers import Cover
from nescio.review.desk import Entry, marks_from

P = ParamSpec("P")
T = TypeVar("T")

SCALES: Final = (1.0, 1.5, 2.0, 3.0)
"""Pixels for a point in which pages are drawn."""

MOST_PIXELS: Final = 30_000_000
"""Of one picture: a page may say that it is a mile wide."""

PATIENCE: Final = 120.0
"""Seconds after which a page that a reader waits for is given up, and its process ended."""

MOST_MEMORY: Final = 4 << 30
"""Bytes of address space that a process may take on top of what its imports take."""

OPEN: Final = 2
"""Documents that a process keeps open."""


class Source(NamedTuple):
    """An original: its path and password."""

    path: str
    password: str | None


class Word(NamedTuple):
    """A word of a page: its box as shown, its text, and the number of its line."""

    box: Rect
    text: str
    line: int


@lru_cache(maxsize=OPEN)
def _document(source: Source) -> pymupdf.Document:
    return open_prepared(Path(source.path), source.password)


def sizes(source: Source) -> list[tuple[float, float]]:
    """Return width and height of each page as shown, in points."""
    return [
        (round(page.rect.width, 2), round(page.rect.height, 2))
        for page in _document(source).pages()
    ]


def draw_page(source: Source, page: int, scale: float) -> bytes:
    """Return a page as PNG."""
    return _picture(_document(source)[page], scale)


def _picture(page: pymupdf.Page, scale: float) -> bytes:
    area = max(1.0, page.rect.width * page.rect.height)
    fitting = min(scale, (MOST_PIXELS / area) ** 0.5)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(fitting, fitting), alpha=False)
    pymupdf.TOOLS.store_shrink(50)  # long documents would fill MuPDF's cache
    picture: bytes = pixmap.tobytes("png")
    return picture


def read_words(source: Source, pages: list[int]) -> list[list[Word]]:
    """Return the words of each of these pages in the order of their lines."""
    return [_words(_document(source)[page]) for page in pages]


def _words(page: pymupdf.Page) -> list[Word]:
    with unrotated(page) as matrix:
        found = read_text(page).extractWORDS()
        back = ~matrix
        lines: dict[tuple[int, int], int] = {}
        words = []
        for x0, y0, x1, y1, text, block, line, _ in found:
            number = lines.setdefault((block, line), len(lines))
            rect = (pymupdf.Rect(x0, y0, x1, y1) * back).normalize()
            box = tuple(round(value, 2) for value in rect)
            words.append(Word((box[0], box[1], box[2], box[3]), text, number))
    return words


class Look(NamedTuple):
    """What a picture of a page as it will be released depends on."""

    token: str
    doc: str
    style: Style
    quantised: bool
    entries: list[Entry]
    proposed: pa.Table
    """REDACTIONS of the page as proposed."""
    confidential: tuple[Confidential, ...] = ()
    """Texts that are removed, too."""


def draw_released(source: Source, page: int, scale: float, look: Look) -> bytes:
    """Return a page as PNG after the redaction that the decisions so far ask for.

    The page goes through the same comparison and the same clearing as the release; it is not
    verified.
    """
    document = _document(source)
    marks = marks_from(document, look.entries)
    changes = compare(document, look.proposed, marks, look.token, look.doc)
    hide(Cover(document), look.doc, [page], look.confidential, changes)
    rows = [row | {"page": 0} for row in changes.rows if row["page"] != OFF_PAGE]
    plan = Plan(
        by_page(tables.from_rows("redactions", rows)), None, look.style, quantised=look.quantised
    )
    with tempfile.TemporaryDirectory(prefix="nescio-") as name, pymupdf.open() as single:
        before, after = Path(name) / "before.pdf", Path(name) / "after.pdf"
        single.insert_pdf(document, from_page=page, to_page=page)
        single.save(before)
        (cleared,) = clear(before, after, plan).files
        with pymupdf.open(cleared) as done:
            return _picture(done[0], scale)


def _warm() -> None:
    """Take the imports into a process before the first page; leave Ctrl-C to the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(MOST_MEMORY)


class Drawers:
    """Two processes: one draws what the reader looks at, the other all that can wait.

    A process that a document brings down is started anew.
    """

    def __init__(self) -> None:
        self._pools = [_pool(), _pool()]

    async def ready(self) -> None:
        """Wait until the first process has its imports, so that no reader waits for them."""
        await self._run(0, None, _warm)

    async def now(self, function: Any, *args: Any) -> Any:
        """Run a function of this module for a page that the reader waits for."""
        return await self._run(0, PATIENCE, function, *args)

    async def later(self, function: Any, *args: Any) -> Any:
        """Run a function of this module that may take its time."""
        return await self._run(1, None, function, *args)

    async def _run(self, number: int, seconds: float | None, function: Any, *args: Any) -> Any:
        loop = asyncio.get_running_loop()
        pool = self._pools[number]
        try:
            running = loop.run_in_executor(pool, function, *args)
            return await asyncio.wait_for(running, seconds)
        except (BrokenProcessPool, TimeoutError):
            if self._pools[number] is pool:
                self._pools[number] = _pool()
            for process in (pool._processes or {}).values():  # it would hang on for ever
                process.kill()
            raise BrokenProcessPool from None

    def close(self) -> None:
        """End the processes."""
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_warm)
