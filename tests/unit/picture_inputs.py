"""Generated pictures for tests: a barcode, a face, a chart, a signed sheet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pymupdf
import zxingcpp

from nescio.ocr import ReadCharacter, ReadLine

Grey = npt.NDArray[np.uint8]


def png(pixels: npt.NDArray[np.generic]) -> bytes:
    """Return grey pixels as PNG."""
    height, width = pixels.shape
    pixmap = pymupdf.Pixmap(pymupdf.csGRAY, width, height, pixels.astype(np.uint8).tobytes(), 0)
    return bytes(pixmap.tobytes("png"))


def barcode(text: str, kind: str) -> Grey:
    """Return a picture of a barcode, three pixels a bar."""
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    return np.array(zxingcpp.write_barcode_to_image(code, scale=3))


def face(side: int = 240) -> Grey:
    """Return a drawn face: hair, skin, brows, eyes, nose, mouth, shoulders."""
    y, x = np.mgrid[0:side, 0:side] / side
    pixels = np.full((side, side), 110.0)
    shapes = [  # middle, half-axes, grey level
        (0.5, 0.45, 0.34, 0.40, 50), (0.5, 0.52, 0.28, 0.36, 190), (0.5, 1.05, 0.4, 0.2, 70),
        (0.5, 0.57, 0.02, 0.07, 205), (0.5, 0.73, 0.10, 0.025, 95), (0.5, 0.80, 0.08, 0.015, 165),
    ]  # fmt: skip
    for s in (-1, 1):
        shapes += [
            (0.5 + s * 0.12, 0.40, 0.085, 0.018, 70), (0.5 + s * 0.12, 0.46, 0.07, 0.035, 120),
            (0.5 + s * 0.12, 0.465, 0.03, 0.025, 40), (0.5 + s * 0.03, 0.63, 0.018, 0.012, 110),
        ]  # fmt: skip
    for cx, cy, rx, ry, level in shapes:
        pixels[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1] = level
    window = np.hanning(11) / np.hanning(11).sum()
    for axis in (0, 1):
        pixels = np.apply_along_axis(np.convolve, axis, pixels, window, "same")
    return pixels.astype(np.uint8)


def chart(side: int = 240) -> Grey:
    """Return bars, a curve and two discs: what charts have, and faces are taken for."""
    y, x = np.mgrid[0:side, 0:side] / side
    pixels = np.full((side, side), 255.0)
    for number in range(8):
        left = 0.1 + 0.1 * number
        pixels[(x > left) & (x < left + 0.05) & (y > 0.9 - 0.08 * number) & (y < 0.9)] = 120
    pixels[abs(y - 0.5 - 0.3 * np.sin(9 * x)) < 0.01] = 0
    for cx in (0.35, 0.65):
        pixels[(x - cx) ** 2 + (y - 0.2) ** 2 < 0.003] = 40
    return pixels.astype(np.uint8)


def sheet() -> Grey:
    """Return paper, with noise, with a line to sign on and a punch hole."""
    pixels = np.random.default_rng(1).normal(240, 8, (700, 1000)).clip(0, 255).astype(np.uint8)
    pixels[430:433, 300:800] = 30
    y, x = np.ogrid[:700, :1000]
    pixels[(x - 60) ** 2 + (y - 400) ** 2 < 22**2] = 60
    return pixels


def sign(pixels: Grey, x: int, y: int) -> None:
    """Write loops with a pen three pixels wide."""
    for t in np.linspace(0, 6 * np.pi, 3000):
        column = int(x + 14 * t + 22 * np.sin(t))
        row = int(y - 24 * np.cos(t) * (1 - t / 30))
        pixels[row - 1 : row + 2, column - 1 : column + 2] = 40


def line(text: str, x: float, y: float, confidence: float = 0.99) -> ReadLine:
    """Return a line as the reader gives it, 28 pixels high."""
    words = [[ReadCharacter(c, confidence, 0.0, 1.0) for c in word] for word in text.split()]
    right, bottom = x + 14 * len(text), y + 28
    corners = np.array([[x, y], [right, y], [right, bottom], [x, bottom]], float)
    return ReadLine(words, corners, confidence)
