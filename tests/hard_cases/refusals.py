"""Hard cases that end, or may end, without a file: each with a reason, none half written."""

from __future__ import annotations

import re
from pathlib import Path

import pikepdf
import pymupdf
from pikepdf import Array, Dictionary, Name

from .case import NUMBER, PERSON, Build, Case, changed, drawn
from .texts import line

PLAIN = drawn(line)


def encrypted(password: str) -> Build:
    def build(path: Path) -> None:
        PLAIN(path)
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            pdf.save(path, encryption=pikepdf.Encryption(owner="boss", user=password))

    return build


def cut_off(path: Path) -> None:
    PLAIN(path)
    path.write_bytes(path.read_bytes()[:400])


def no_table(path: Path) -> None:
    """The cross-reference table points nowhere; readers repair it."""
    PLAIN(path)
    path.write_bytes(re.sub(rb"startxref\s+\d+", b"startxref\n7", path.read_bytes()))


def no_pages(path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.save(path)


def portfolio(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["record.txt"] = PERSON.encode()
    pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.D)


def signed(pdf: pikepdf.Pdf) -> None:
    value = Dictionary(
        Type=Name.Sig,
        Filter=Name("/Adobe.PPKLite"),
        Name=PERSON,
        Contents=pikepdf.String(b"\0" * 64),
        ByteRange=Array([0, 10, 20, 30]),
    )
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T="s", V=value, Rect=[0, 0, 0, 0]
    )
    field = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)


def dynamic_form(pdf: pikepdf.Pdf) -> None:
    """A page that only says "please wait"; what shows is in the XFA."""
    xml = f"<xdp:xdp><template/><name>{PERSON}</name></xdp:xdp>".encode()
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(xml))
    pdf.Root.NeedsRendering = True


def with_number(page: pymupdf.Page) -> None:
    line(page)
    page.insert_text((72, 120), f"record {NUMBER}")


def numbers_left(pdf: Path) -> list[int]:
    """A detector: pages of the output with record numbers, one for each number."""
    with pymupdf.open(pdf) as document:
        return [p.number for p in document for _ in re.findall(r"MR\d{7}", p.get_text())]


REFUSALS = (
    Case(13, "portfolio", changed(PLAIN, portfolio), ends="refused"),
    Case(15, "dynamic XFA form", changed(PLAIN, dynamic_form), ends="refused"),
    Case(26, "replacement repeats the secret", PLAIN, ends="quarantined", replacement=PERSON),
    Case(27, "file name that tells", PLAIN, ends="quarantined", file=PERSON),
    Case(28, "flagged for a person", PLAIN, ends="quarantined", options={"open_flags": [0]}),
    Case(32, "encrypted, password known", encrypted("sesame"), options={"password": "sesame"}),
    Case(32, "encrypted, password not known", encrypted("sesame"), boxes=[], ends="refused"),
    Case(32, "signed", changed(PLAIN, signed)),
    Case(32, "cross-reference table broken", no_table),
    Case(32, "cut off", cut_off, boxes=[], ends="refused"),
    Case(32, "no pages", no_pages, boxes=[], ends="refused"),
    Case(
        33,
        "a number that nobody decided about",
        drawn(with_number),
        ends="quarantined",
        options={"detector": numbers_left},
    ),
)
