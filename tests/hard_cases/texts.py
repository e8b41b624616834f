"""Hard cases of text: covered, scaled, spelt oddly, hidden, in forms, patterns and fonts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pymupdf
from pikepdf import Array, Dictionary, Name

from .case import BOX, FONT, PERSON, STAYS, Case, Place, drawn, written

SHOWN = f"BT /F1 14 Tf 60 100 Td ({PERSON}) Tj ET".encode()
AT = [Place(0, BOX, PERSON)]


def line(page: pymupdf.Page, text: str = f"seen by {PERSON} today", **options: Any) -> None:
    """Write one line."""
    page.insert_text((72, 100), text, **options)


def under_a_box(page: pymupdf.Page) -> None:
    line(page)
    page.draw_rect((70, 85, 300, 106), fill=(0, 0, 0))


def with_marks(page: pymupdf.Page) -> None:
    line(page)
    for quad in page.search_for(PERSON):
        page.add_redact_annot(quad)
        page.add_highlight_annot(quad).set_colors(stroke=(0, 0, 0))


def under_an_image(page: pymupdf.Page) -> None:
    line(page)
    grey = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 10))
    grey.clear_with(90)
    page.insert_image((115, 85, 215, 106), pixmap=grey, keep_proportion=False)


def under_a_hatch(page: pymupdf.Page) -> None:
    line(page)
    for x in range(70, 300, 2):
        page.draw_line((x, 86), (x + 6, 106), width=1.5)


def broken_font(path: Path) -> None:
    """An embedded CFF font whose widths, box, ascent and descent are wrong."""
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 60), STAYS)
        page.insert_font("F9", fontbuffer=pymupdf.Font("tiro").buffer)
        page.insert_text((72, 100), PERSON, fontname="F9", fontsize=14)
        document.save(path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for item in pdf.objects:
            if isinstance(item, Dictionary) and "/FontDescriptor" in item:
                item.DW, item.W = 430, Array()
                descriptor = item.FontDescriptor
                descriptor.Ascent = descriptor.Descent = 0
                descriptor.FontBBox = Array([0, 0, 0, 0])
        pdf.save(path)


ARRAY = (
    b"BT /F1 11 Tf 20 100 Td [(Ilse )-20(Vargas)10(dottir saw)-250(harm)5(less )"
    b"(Ilse Vargas)-5(dottir)] TJ ET"
)
SCALED = b"BT /F1 12 Tf 70 Tz 1.5 Tc 4 Tw 2 Ts 30 100 Td [(Ilse Var)-90(gas)60(dottir)] TJ ET"
TURNED = b"BT 0 1 -1 0 100 60 Tm /F1 12 Tf (Ilse Vargasdottir) Tj ET"
SLANTED = b"BT 0.94 0.34 -0.34 0.94 60 60 Tm /F1 12 Tf (Ilse Vargasdottir) Tj ET"


def on_a_turned_page(page: pymupdf.Page) -> None:
    line(page)
    page.set_rotation(90)


def spelt_oddly(page: pymupdf.Page) -> None:
    font = pymupdf.Font("notos")
    writer = pymupdf.TextWriter(page.rect)
    for number, text in enumerate(("Ilse Var\u00adgasdottir", "Ilse Va\u0301rgasdottir")):
        writer.append((72, 100 + 20 * number), text, font=font)
    writer.write_text(page)
    page.insert_text((72, 160), "I l s e  V a r g a s d o t t i r")
    page.insert_text((72, 180), "was seen by Ilse Vargas-")
    page.insert_text((72, 194), "dottir in March")


def ligatures(page: pymupdf.Page) -> None:
    font = pymupdf.Font("notos")
    writer = pymupdf.TextWriter(page.rect)
    writer.append((72, 100), "by Ilse Grif\ufb01nsdottir today", font=font)
    writer.write_text(page)


def end_of_page(page: pymupdf.Page) -> None:
    page.insert_text((72, 800), "was seen by Ilse")


def start_of_page(page: pymupdf.Page) -> None:
    page.insert_text((72, 40), "Vargasdottir in March")


def form(pdf: pikepdf.Pdf, contents: bytes, **keys: Any) -> pikepdf.Object:
    stream = pdf.make_stream(contents)
    stream.BBox = [0, 0, 300, 200]
    stream.Resources = Dictionary(Font=Dictionary(F1=FONT))
    for key, value in keys.items():
        stream["/" + key] = value
    return stream


def nested_forms(pdf: pikepdf.Pdf) -> pikepdf.Object:
    outer = form(pdf, b"q /Fm2 Do Q", Subtype=Name.Form)
    outer.Resources = Dictionary(XObject=Dictionary(Fm2=form(pdf, SHOWN, Subtype=Name.Form)))
    return Dictionary(Fm1=outer)


def pattern(pdf: pikepdf.Pdf) -> pikepdf.Object:
    keys = {"PatternType": 1, "PaintType": 1, "TilingType": 1, "XStep": 300, "YStep": 200}
    return Dictionary(P1=form(pdf, b"0 g " + SHOWN, Type=Name.Pattern, **keys))


def type_3(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font whose glyphs are drawings, each named as its letter."""
    used = sorted(set(PERSON) - {" "})
    procs = {f"/{c}": pdf.make_stream(b"600 0 0 0 500 700 d1 50 0 400 700 re f") for c in used}
    differences: list[Any] = []
    for char in used:
        differences += [ord(char), Name(f"/{char}")]
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=[0, 0, 600, 700],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        FirstChar=32,
        LastChar=122,
        Widths=[600] * 91,
        Encoding=Dictionary(Type=Name.Encoding, Differences=differences),
        CharProcs=Dictionary(procs),
        Resources=Dictionary(),
    )
    return Dictionary(F3=pdf.make_indirect(font))


def outside_the_crop_box(page: pymupdf.Page) -> None:
    page.insert_text((72, 800), PERSON)
    page.set_cropbox(pymupdf.Rect(0, 0, 500, 700))


def rare_letters(path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        writer.append(
            (72, 100), f"{STAYS} \u017di\u017eek\u0151 was seen", font=pymupdf.Font("tiro")
        )
        writer.write_text(page)
        document.subset_fonts()
        document.save(path)


def fields_around(page: pymupdf.Page) -> None:
    """Text as dense as it gets: neighbours of the name on its line, above and below."""
    for number in range(12):
        words = [f"word{number}{place}" for place in range(8)]
        if number == 6:
            words[3:4] = PERSON.split()
        page.insert_text((72, 100 + 9 * number), " ".join(words), fontsize=9)


def small_box(page: pymupdf.Page) -> None:
    page.insert_text((72, 100), "Jyp Qgjypagry", fontsize=24)


AROUND = tuple(f"word{n}{p}" for n in range(12) for p in range(8) if (n, p) != (6, 3))

TEXTS = (
    Case(1, "box over live text", drawn(under_a_box)),
    Case(2, "unapplied Redact annotation", drawn(with_marks)),
    Case(3, "image over text", drawn(under_an_image)),
    Case(3, "hatch over text", drawn(under_a_hatch)),
    Case(4, "CFF font with wrong metrics", broken_font),
    Case(5, "two hits in one text array", written(ARRAY)),
    Case(6, "scaled, spaced, raised, kerned", written(SCALED)),
    Case(6, "text turned by 90 degrees", written(TURNED)),
    Case(6, "slanted text", written(SLANTED)),
    Case(6, "page turned by 90 degrees", drawn(on_a_turned_page)),
    Case(7, "soft hyphen, accent, spaced, broken", drawn(spelt_oddly)),
    Case(7, "ligature", drawn(ligatures), secrets=("Ilse Griffinsdottir",)),
    Case(7, "broken over pages", drawn(end_of_page, start_of_page)),
    Case(8, "width of the gap", drawn(line), options={"boxes": "quantised"}),
    Case(9, "nested form XObjects", written(b"q /Fm1 Do Q", XObject=nested_forms)),
    Case(9, "tiling pattern", written(b"/Pattern cs /P1 scn 0 60 300 60 re f", Pattern=pattern)),
    Case(9, "Type 3 font", written(SHOWN.replace(b"/F1", b"/F3"), Font=type_3), boxes=AT),
    Case(17, "outside the crop box", drawn(outside_the_crop_box)),
    Case(17, "clipped away", written(b"q 0 0 5 5 re W n " + SHOWN + b" Q"), boxes=AT),
    Case(17, "white", written(b"1 g " + SHOWN)),
    Case(17, "invisible (render mode 3)", written(SHOWN.replace(b"Td", b"Td 3 Tr"))),
    Case(17, "tiny", written(SHOWN.replace(b"14 Tf", b"0.1 Tf"))),
    Case(
        23,
        "rare letters in a font subset",
        rare_letters,
        secrets=("\u017di\u017eek\u0151",),
        forbidden=(b"017d", b"017e", b"0151"),
    ),
    Case(26, "replacement is a label", drawn(line), replacement="[NAME]"),
    Case(
        30,
        "box lower than the letters",
        drawn(small_box),
        secrets=("Jyp Qgjypagry",),
        boxes=[Place(0, (72, 83, 235, 103), "Jyp Qgjypagry")],
    ),
    Case(
        30,
        "box that misses half of the letters",
        drawn(small_box),
        secrets=("Jyp Qgjypagry",),
        boxes=[Place(0, (72, 86, 235, 99), "Jyp Qgjypagry")],
        ends="quarantined",
    ),
    Case(31, "neighbours on all sides", drawn(fields_around), stays=(STAYS, *AROUND)),
    Case(34, "somebody's black box, no decision", drawn(under_a_box), boxes=[]),
)
