"""Turns a synthetic document into a scan of itself: pixels, skew, noise, and no text layer."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter

from training.synthetic.book import Book, write_gold


@dataclass(frozen=True)
class Scanner:
    """How bad a scanner is.

    Attributes:
        skew: largest turn of a page, in degrees.
        noise: standard deviation added to the grey values, of 255.
        blur: radius in pixels.
        paper: mean grey of the paper.
        quality: of the JPEG, up to 95.
        holes: whether the sheets were punched.
        streaks: vertical lines of a dirty glass, at most so many.
    """

    skew: float
    noise: float
    blur: float
    paper: int
    quality: int
    holes: bool
    streaks: int


SCANNERS = {
    "clean": Scanner(0.4, 2.0, 0.3, 253, 80, False, 0),
    "noisy": Scanner(1.8, 11.0, 0.7, 238, 55, True, 2),
}

DPI = 200


def save_scan(book: Book, pdf: Path, kind: str, seed: str) -> None:
    """Write the book as a scan, with the gold where the pixels are.

    The gold file gains ``scan`` (kind, dpi, the turn of each page in degrees) and ``texts``, the
    text of each page as it was printed. Mentions outside the pages are not in a scan.

    Args:
        book: the document.
        pdf: where to write; the gold goes beside it.
        kind: ``clean`` or ``noisy``.
        seed: of skew and noise.
    """
    scanner, rng = SCANNERS[kind], random.Random(f"scan {seed}")
    gold = book.gold()
    angles: list[float] = []
    texts: list[str] = []
    with pymupdf.open(stream=book.to_pdf()) as source, pymupdf.open() as scanned:
        for page in source:
            texts.append(page.get_text(sort=True))
            angles.append(round(rng.uniform(-scanner.skew, scanner.skew), 3))
            jpeg = _scan(
                page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY), scanner, angles[-1], rng
            )
            target = scanned.new_page(width=page.rect.width, height=page.rect.height)
            target.insert_image(target.rect, stream=jpeg)
        pdf.parent.mkdir(parents=True, exist_ok=True)
        pdf.write_bytes(scanned.tobytes(no_new_id=True, deflate=True))
    gold["mentions"] = [
        _turned(row, gold["pages"], angles) for row in gold["mentions"] if row["boxes"]
    ]
    gold["scan"] = {"kind": kind, "dpi": DPI, "angles": angles}
    gold["texts"] = texts
    write_gold(gold, pdf)


def _scan(pixmap: Any, scanner: Scanner, angle: float, rng: random.Random) -> bytes:
    image = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    image = image.filter(ImageFilter.GaussianBlur(scanner.blur))
    draw = ImageDraw.Draw(image)
    if scanner.holes:
        _punch(draw, image.size, rng)
    for _ in range(rng.randint(0, scanner.streaks)):
        x = rng.randint(0, image.width)
        draw.line([(x, 0), (x, image.height)], fill=rng.randint(150, 200), width=1)
    grey = np.asarray(image, dtype=np.float32) * (scanner.paper / 255.0)
    noise = np.random.default_rng(rng.getrandbits(32))
    grey += noise.normal(0.0, scanner.noise, grey.shape).astype(np.float32)
    out = io.BytesIO()
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(
        out, "JPEG", quality=scanner.quality
    )
    return out.getvalue()


def _punch(draw: ImageDraw.ImageDraw, size: tuple[int, int], rng: random.Random) -> None:
    """Draw two punch holes as the dark discs that a scanner makes of them."""
    radius, x = int(0.11 * DPI), int(0.42 * DPI) + rng.randint(-8, 8)
    for offset in (-1.575, 1.575):  # inches from the middle: ISO 838
        y = int(size[1] / 2 + offset * DPI)
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=60)


def _turned(row: dict[str, Any], sizes: list[list[float]], angles: list[float]) -> dict[str, Any]:
    """Return the mention with boxes around where its corners went when the page was turned."""
    boxes = []
    for page, x0, y0, x1, y1 in row["boxes"]:
        turn = math.radians(angles[page])
        cosine, sine = math.cos(turn), math.sin(turn)
        centre_x, centre_y = sizes[page][0] / 2, sizes[page][1] / 2
        corners = [
            (
                centre_x + (x - centre_x) * cosine + (y - centre_y) * sine,
                centre_y - (x - centre_x) * sine + (y - centre_y) * cosine,
            )
            for x in (x0, x1)
            for y in (y0, y1)
        ]
        xs, ys = zip(*corners, strict=True)
        limits = (min(xs), min(ys), max(xs), max(ys))
        boxes.append([page, *(round(value, 2) for value in limits)])
    return {**row, "boxes": boxes}
