"""What stands around the text of a record: letterheads, section heads, headers, signatures."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from training.synthetic.book import Book, Colour, Mention, Page
from training.synthetic.flow import Flow, put
from training.synthetic.look import Look
from training.synthetic.story import Story
from training.synthetic.text import Text, Textual, join


def _contact(story: Story) -> Text:
    return join(
        " · ",
        ("Tel. " + story.office_phone, "Fax " + story.fax, story.website),
    )


def _site_address(story: Story) -> Text:
    return story.clinic.address


def centred(flow: Flow, story: Story, look: Look) -> None:
    """Hospital's name and address in the middle, a line below."""
    name = look.body.but(size=17, bold=True, align="center", colour=look.accent)
    small = look.body.but(size=8.2, align="center", colour=(0.3, 0.3, 0.3))
    flow.paragraph(story.hospital, name, place="letterhead")
    flow.paragraph(story.department, small.but(size=10), after=1, place="letterhead")
    flow.paragraph(_site_address(story), small, place="letterhead")
    flow.paragraph(_contact(story), small, after=5, place="letterhead")
    flow.rule(1.2, look.accent)
    flow.y += 12


def sides(flow: Flow, story: Story, look: Look) -> None:
    """Hospital at the left with a cross, address at the right."""
    page, top = flow.page, flow.y
    _cross(page, flow.x, top + 2, 26, look.accent)
    half = flow.width * 0.56
    name = look.body.but(size=14.5, bold=True, colour=look.accent)
    small = look.body.but(size=7.8, colour=(0.25, 0.25, 0.25))
    box = (flow.x + 36, top - 2, half - 40)
    left = put(flow.book, page, box, story.hospital, name, "letterhead")
    left = put(
        flow.book, page, (box[0], left, box[2]), story.department, small.but(size=9), "letterhead"
    )
    x, width = flow.x + half, flow.width - half
    right = top
    for line in (
        story.clinic.street,
        story.clinic.town,
        "Tel. " + story.office_phone,
        "Fax " + story.fax,
        story.office_mail,
    ):
        right = put(
            flow.book, page, (x, right, width), line, small.but(align="right"), "letterhead"
        )
    flow.y = max(left, right, top + 32) + 6
    flow.rule(0.8, look.accent)
    flow.y += 12


def band(flow: Flow, story: Story, look: Look) -> None:
    """White letters on a coloured band across the page."""
    page = flow.page
    page.fill(0, 0, page.width, 62, look.accent)
    white = look.body.but(colour=(1, 1, 1))
    flow.y = 14
    flow.paragraph(story.hospital, white.but(size=16, bold=True), place="letterhead")
    line = join(" | ", (story.department, _site_address(story)))
    flow.paragraph(line, white.but(size=7.6), place="letterhead")
    small = look.body.but(size=7.6, align="right", colour=(0.3, 0.3, 0.3))
    flow.y = max(68, flow.y + 6)
    flow.paragraph(_contact(story), small, after=10, place="letterhead")


def strip(flow: Flow, story: Story, look: Look) -> None:
    """One line of a computer printout."""
    small = look.body.but(size=8)
    left = join(" – ", (story.hospital, story.department))
    put(
        flow.book,
        flow.page,
        (flow.x, flow.y, flow.width * 0.72),
        left,
        small.but(bold=True),
        "letterhead",
    )
    printed = "Printed " + story.date("dis")
    box = (flow.x + flow.width * 0.72, flow.y, flow.width * 0.28)
    put(flow.book, flow.page, box, printed, small.but(align="right"), "letterhead")
    flow.y += small.line_height * 2
    flow.paragraph(
        join("   ", (_site_address(story), _contact(story))), small, after=4, place="letterhead"
    )
    flow.rule(0.5, look.accent)
    flow.y += 10


def typed(flow: Flow, story: Story, look: Look) -> None:
    """A typewriter's letterhead."""
    style = look.body.but(align="center")
    hospital = story.hospital
    capitals = hospital.plain.upper()
    if len(capitals) == len(hospital.plain):
        hospital = Text(capitals, hospital.marks)
    flow.paragraph(hospital, style.but(bold=True), place="letterhead")
    flow.paragraph(_site_address(story), style, place="letterhead")
    flow.paragraph(
        join("  ", ("TEL", story.office_phone, "FAX", story.fax)), style, place="letterhead"
    )
    dashes = "=" * int(flow.width / (style.size * 0.6001))
    flow.paragraph(dashes, style, after=6)


LETTERHEADS: dict[str, Callable[[Flow, Story, Look], None]] = {
    "centred": centred,
    "sides": sides,
    "band": band,
    "strip": strip,
    "typed": typed,
}


def _cross(page: Page, x: float, y: float, size: float, colour: Colour) -> None:
    third = size / 3
    page.fill(x + third, y, x + 2 * third, y + size, colour)
    page.fill(x, y + third, x + size, y + 2 * third, colour)


def section_head(flow: Flow, title: str, look: Look, section: str) -> None:
    """Set the head of a section in the layout's manner; ``section`` is its name in the gold."""
    style = look.body.but(bold=True, align="left", size=look.body.size + 1.2)
    flow.space(look.body.size * 0.9)
    flow.need(style.line_height + 3.2 * look.body.line_height)
    flow.head(title, 0, section)
    if look.head == "bar":
        height = style.line_height + 3
        flow.page.fill(flow.x, flow.y, flow.x + flow.width, flow.y + height, look.tint)
        put(
            flow.book,
            flow.page,
            (flow.x + 5, flow.y + 1.5, flow.width - 10),
            title,
            style,
            "heading",
        )
        flow.y += height + 4
    elif look.head == "capitals":
        flow.paragraph(title.upper() + ":", style.but(size=look.body.size), after=1)
    elif look.head == "rule":
        flow.paragraph(title.upper(), style.but(size=look.body.size, colour=look.accent), after=1)
        flow.rule(0.6, look.accent)
        flow.y += 4
    else:
        colour = look.accent if look.head == "colour" else (0.0, 0.0, 0.0)
        flow.paragraph(title, style.but(colour=colour), after=2)


def running_lines(story: Story, look: Look, rng: Random) -> Callable[[Book, Page, int, int], None]:
    """Return what draws the running header (with the patient's name) and footer of each page."""
    patient = story.patient
    name = getattr(patient, rng.choice(("banner", "listed", "full", "capitals")))
    birth = rng.choice(("DOB ", "Date of birth: ", "* ", "b. ")) + story.date("birth")
    number = rng.choice(("MRN ", "MRN: ", "No. ", "ID ")) + patient.id("mrn")
    header = join(rng.choice((" | ", " · ", "   ", ", ")), (name, birth, number))
    plain_header = rng.random() < 0.3
    header = "Patient: " + (name if plain_header else header)
    style = look.body.but(size=7.8, align="left", bold=False, colour=(0.25, 0.25, 0.25))
    footer_name = getattr(patient, rng.choice(("banner", "short", "listed", "surname")))
    word = rng.choice(("Page {} of {}", "{} / {}", "Page {}/{}", "- {} of {} -"))
    hospital = story.hospital

    def draw(book: Book, page: Page, number: int, total: int) -> None:
        left, width = look.frame.left, look.frame.measure
        if look.banner == "every" or number > 1:
            top = 66 if look.letterhead == "band" and number == 1 else look.frame.top - 34
            if number > 1 or look.letterhead not in ("band", "strip"):
                put(book, page, (left, top, width), header, style.but(align="right"), "header")
                page.rule(left, top + 11, left + width, top + 11, 0.4, (0.6, 0.6, 0.6))
        y = look.frame.height - look.frame.bottom + 18
        page.rule(left, y - 3, left + width, y - 3, 0.4, (0.6, 0.6, 0.6))
        put(
            book,
            page,
            (left, y, width * 0.62),
            join(" – ", (hospital, footer_name)),
            style,
            "footer",
        )
        counter = word.format(number, total)
        box = (left + width * 0.62, y, width * 0.38)
        put(book, page, box, counter, style.but(align="right"), "footer")

    return draw


def signature(flow: Flow, story: Story, look: Look, rng: Random) -> None:
    """Close the record: a signature in ink, the name typed below, the date."""
    actor = story.attending
    style = look.body.but(align="left")
    height = 44 + 5 * style.line_height
    flow.need(height)
    x, y = flow.x, flow.y + 8
    ink = (0.08, 0.12, 0.42)
    scrawl(flow.page, x + 4, y + 26, len(actor.last.plain), ink, rng)
    sign = Mention("", "OTHER", "signature", actor.number, "signature")
    sign.boxes.append((flow.page, x, y, x + 150, y + 40))
    flow.book.mentions.append(sign)
    flow.y = y + 40
    flow.page.rule(x, flow.y, x + 190, flow.y, 0.5, (0.4, 0.4, 0.4))
    flow.y += 3
    lines: list[Textual] = [actor.title + " " + actor.signed]
    lines.append(
        rng.choice(("Attending physician", "Consultant", "Senior physician"))
        + ", "
        + story.department
    )
    if story.country == "us":
        lines.append("NPI " + actor.id("npi") + rng.choice(("", "  Lic. " + actor.id("licence"))))
    stamp = rng.choice(("Date: ", "Signed on ", "Electronically signed ", ""))
    lines.append(
        join(
            ", ", (stamp + story.date("dis"), f"{rng.randint(8, 18):02d}:{rng.randint(0, 59):02d}")
        )
    )
    for line in lines:
        flow.paragraph(line, style, place="signature")
    if rng.random() < 0.7:
        flow.y += 4
        copies = rng.choice(("cc: ", "Copy to: ", "c.c. "))
        to = join(", ", (story.referrer.title + " " + story.referrer.short, story.referrer.city))
        flow.paragraph(copies + to, style.but(size=style.size - 1), place="signature")


def scrawl(page: Page, x: float, y: float, letters: int, ink: Colour, rng: Random) -> None:
    """Draw a signature by pen: a tall first stroke, a wave, a flourish."""
    points: list[tuple[float, ...]] = [(x, y)]
    points.append((x + 4, y - 34, x + 16, y - 30, x + 12, y + 4))
    cursor = x + 12.0
    for _ in range(max(4, min(letters, 10))):
        step = rng.uniform(7, 12)
        high, low = rng.uniform(6, 16), rng.uniform(-3, 5)
        end = cursor + step
        points.append(
            (
                cursor + step * 0.3,
                y - high,
                cursor + step * 0.7,
                y + low,
                end,
                y - rng.uniform(0, 4),
            )
        )
        cursor = end
    points.append((cursor + 14, y - 12, cursor + 26, y - 4, cursor + 34, y - 8))
    page.curve(points, rng.uniform(0.9, 1.5), ink)
