"""What surrounds a study report: title page, signatures, contents, headers and footers."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.synthetic.book import Book, Mention, Page
from training.synthetic.cast import Actor
from training.synthetic.flow import Flow, Furniture, put
from training.synthetic.fonts import face
from training.synthetic.forms import FORMS, Field
from training.synthetic.furniture import scrawl
from training.synthetic.look import Look
from training.synthetic.speech import say
from training.synthetic.study import Study
from training.synthetic.text import Text, join, mention
from training.synthetic.typeset import break_lines


@dataclass(frozen=True)
class Entry:
    """A heading for the contents: number, title, depth from 0, the page it stands on."""

    number: str
    title: Text
    depth: int
    page: Page


def title_page(flow: Flow, study: Study, look: Look) -> None:
    """Set the title page with the study's facts as a form."""
    rng = study.rng
    if look.letterhead == "block":
        flow.page.fill(0, 0, flow.page.width, 120, look.accent)
        put(
            flow.book, flow.page, (flow.x, 46, flow.width), study.sponsor,
            look.body.but(size=20, bold=True, colour=(1, 1, 1), align="left"), "title",
        )  # fmt: skip
        flow.y = 150
    else:
        flow.y += 40
        centre = look.body.but(size=13, align="center")
        flow.paragraph(study.sponsor, centre, after=30, place="title")
    big = look.body.but(size=20, bold=True, align="center", leading=1.2, colour=look.accent)
    kind = rng.choice(("Clinical Study Report", "CLINICAL STUDY REPORT", "Final Report"))
    flow.paragraph(kind, big, after=18)
    title = say(study, rng.choice(study.words["designs"]))
    flow.paragraph(title, big.but(size=14, colour=(0, 0, 0)), after=26, place="title")
    FORMS[look.form](flow, _facts(study, rng), look.form_style, columns=look.form_columns)
    flow.y += 22
    small = look.body.but(size=8, italic=True)
    flow.paragraph(say(study, rng.choice(study.words["confidential"])), small, place="title")


def _facts(study: Study, rng: Random) -> list[Field]:
    date, coordinator = study.habits.short, study.coordinator
    names = join(", ", [study.writer.signed, study.statistician.signed])
    return [
        Field("Protocol number", study.study),
        Field(
            rng.choice(("EudraCT number", "Registry number")),
            mention(study.registry, "ID", "study_id"),
        ),
        Field("Investigational product", study.product),
        Field("Indication", study.indication),
        Field("Phase", study.phase),
        Field("Coordinating investigator", coordinator.title + " " + coordinator.signed),
        Field(rng.choice(("Authors", "Report authors", "Author(s)")), names),
        Field("First subject enrolled", date(study.started, "milestone")),
        Field("Last subject completed", date(study.ended, "milestone")),
        Field("Sponsor's medical monitor", join(", ", [study.monitor.signed, study.monitor.phone])),
        Field("Date of report", date(study.reported, "milestone")),
        Field("Version", rng.choice(("1.0", "Final 1.0", "2.0"))),
    ]


def signature_page(flow: Flow, study: Study, look: Look) -> None:
    """Set the page on which investigator, signatories and authors sign."""
    flow.new_page()
    head = look.body.but(size=look.body.size + 3, bold=True, align="center")
    title = study.rng.choice(("SIGNATURE PAGE", "Signatures", "Approval Signatures"))
    flow.head(title, 0, "signatures")
    flow.paragraph(title, head, after=12)
    flow.paragraph(say(study, study.rng.choice(study.words["statement"])), look.body, after=14)
    signers: list[tuple[Actor, str]] = [
        (study.coordinator, "Coordinating Investigator"),
        (study.signatories[0], "Sponsor's Responsible Medical Officer"),
        (study.signatories[1], study.rng.choice(study.words["roles"])),
        (study.statistician, "Biostatistician"),
    ]
    for actor, role in signers:
        _sign(flow, study, look, actor, role)


def _sign(flow: Flow, study: Study, look: Look, actor: Actor, role: str) -> None:
    rng, page, x = study.rng, flow.page, flow.x
    flow.need(100)
    y = flow.y + 6
    scrawl(page, x + 6, y + 28, len(actor.last.plain), (0.1, 0.1, 0.3), rng)
    sign = Mention("", "OTHER", "signature", actor.number, "signature")
    sign.boxes.append((page, x, y, x + 150, y + 40))
    flow.book.mentions.append(sign)
    flow.y = y + 42
    page.rule(x, flow.y, x + flow.width * 0.55, flow.y, 0.5)
    page.rule(x + flow.width * 0.65, flow.y, x + flow.width, flow.y, 0.5)
    day = study.habits.short(study.reported, "milestone")
    put(
        flow.book,
        page,
        (x + flow.width * 0.66, flow.y - 15, flow.width * 0.3),
        day,
        look.body,
        "signature",
    )
    flow.y += 3
    lead = f"{actor.title} " if actor.title else ""
    flow.paragraph(lead + actor.signed, look.body.but(align="left"), place="signature")
    flow.paragraph(
        role + ", " + study.sponsor if "Invest" not in role else role,
        look.body.but(align="left"),
        after=16,
        place="signature",
    )


def contents(
    flow: Flow, look: Look, entries: list[Entry], numbers: dict[int, int], pages: int
) -> None:
    """Set the contents on a fixed number of pages; entries that do not fit are left out.

    Args:
        flow: a flow whose first page is empty.
        look: of the document.
        entries: headings in order.
        numbers: page numbers, from 1, by the identity of the page.
        pages: how many pages may be taken.
    """
    head = look.body.but(size=look.body.size + 3, bold=True, align="center")
    flow.head("TABLE OF CONTENTS", 0, "contents")
    flow.paragraph("TABLE OF CONTENTS", head, after=10)
    style = look.body.but(align="left")
    dot, dots_face = face(style.family).measure(".")
    taken = 1
    for entry in entries:
        if flow.y + style.line_height > flow.bottom:
            if taken == pages:
                return
            taken += 1
        flow.need(style.line_height)
        indent = 16.0 * entry.depth
        text = join(" ", (entry.number, entry.title)) if entry.number else entry.title
        line = break_lines(text, style, flow.width - indent - 60)[0]
        baseline = flow.y + 0.78 * style.line_height
        flow.book.write(flow.page, flow.x + indent, baseline, text, line, style, "contents")
        number = str(numbers[id(entry.page)])
        room = flow.width - indent - line.width - 34
        dots = "." * max(2, int(room / (dot * style.size)))
        start = flow.x + flow.width - 28 - len(dots) * dot * style.size
        flow.page.string(start, baseline, dots, dots_face, style.size, style.colour)
        box = (flow.x + flow.width - 26, flow.y, 26)
        put(flow.book, flow.page, box, number, style.but(align="right"), "contents")
        flow.y += style.line_height + (1.5 if entry.depth else 3)


def running_lines(study: Study, look: Look) -> Furniture:
    """Return what draws header and footer: sponsor, study, status; version, page."""
    rng = study.rng
    left = rng.choice((study.sponsor, join(" – ", (study.sponsor, study.product))))
    right = join(" ", (rng.choice(("Study", "Protocol", "Clinical Study Report")), study.study))
    foot = rng.choice(("Confidential", "CONFIDENTIAL – Final", "Version 1.0"))
    day = study.habits.short(study.reported, "milestone")
    word = rng.choice(("Page {} of {}", "{} of {}", "Page {} / {}"))
    style = look.body.but(size=8.2, align="left", colour=(0.25, 0.25, 0.25))
    far = style.but(align="right")

    def draw(book: Book, page: Page, number: int, total: int) -> None:
        if number == 1:
            return
        x, width = look.frame.left, page.width - look.frame.left - look.frame.right
        put(book, page, (x, 34, width * 0.6), left, style, "header")
        put(book, page, (x + width * 0.5, 34, width * 0.5), right, far, "header")
        page.rule(x, 47, x + width, 47, 0.5, (0.4, 0.4, 0.4))
        y = page.height - look.frame.bottom + 16
        put(book, page, (x, y, width * 0.6), join("   ", (foot, day)), style, "footer")
        counter = word.format(number, total)
        put(book, page, (x + width * 0.6, y, width * 0.4), counter, far, "footer")

    return draw
