"""A medical record of one patient: letterhead, form, prose, tables, signature."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from training.synthetic import slots
from training.synthetic.book import Book
from training.synthetic.flow import Flow, Frame, furnish
from training.synthetic.forms import FORMS, Field
from training.synthetic.furniture import LETTERHEADS, running_lines, section_head, signature
from training.synthetic.grid import Column, kept_height, table
from training.synthetic.look import Look, draw_look
from training.synthetic.sources import data
from training.synthetic.story import Story
from training.synthetic.text import Text, Textual, join

Block = Callable[[Flow], None]
"""Sets one part of the document; its words are drawn before, so it may be set twice."""


def make_record(seed: str, pages: int = 3, layout: str = "", split: slots.Split = "train") -> Book:
    """Make one record.

    Args:
        seed: the same seed gives the same record.
        pages: wanted length; progress notes fill it. The content takes two pages at least.
        layout: a record layout of ``data/layouts.yaml``; drawn if not given.
        split: ``train`` or ``heldout``: which names and formats may be drawn.
    """
    rng = Random(seed)
    story = Story(rng, split)
    chosen = layout or rng.choice(sorted(data("layouts")["record"]))
    look = draw_look(rng, "record", chosen, story.country)
    writer = _Writer(story, look, rng)
    book = Book(kind="record", seed=seed, layout=chosen, people=story.cast.listing())
    flow = Flow(book, look.frame)
    start, end = writer.opening_blocks(), writer.closing_blocks()
    for block in start:
        block(flow)
    needed = _height(end, look)
    while len(book.pages) < pages or flow.y + needed < flow.bottom - 60:
        if len(book.pages) == pages and flow.y + needed > flow.bottom - 110:
            break
        writer.note()(flow)
    flow.set_columns(1)
    for block in end:
        block(flow)
    furnish(book, running_lines(story, look, rng))
    _describe(book, story, rng)
    return book


def _height(blocks: list[Block], look: Look) -> float:
    """Return how many points the blocks take, by setting them on a page without end."""
    frame = Frame(look.frame.width, 100_000.0, look.frame.left, look.frame.right, 0.0, 0.0)
    scratch = Flow(Book(), frame)
    scratch.y = 1.0
    for block in blocks:
        block(scratch)
    return scratch.y


def _describe(book: Book, story: Story, rng: Random) -> None:
    """Set the PDF's own properties as hospital software does: often with the patient's name."""
    if rng.random() < 0.6:
        title = rng.choice(("Discharge summary ", "Record of ", "Letter re "))
        book.describe("Title", title + story.patient.listed)
    if rng.random() < 0.5:
        book.describe("Author", story.attending.short)


class _Writer:
    """Draws the words of each part of the record."""

    def __init__(self, story: Story, look: Look, rng: Random) -> None:
        self.story = story
        self.look = look
        self.rng = rng
        self.titles = {key: rng.choice(names) for key, names in data("layouts")["sections"].items()}
        self.labels = {key: rng.choice(names) for key, names in data("layouts")["labels"].items()}
        self._hour = dt.datetime.combine(story.admitted, dt.time(8, 10))

    def opening_blocks(self) -> list[Block]:
        """Letterhead to the hospital course."""
        story, look, rng = self.story, self.look, self.rng
        prose = [
            self.section("history", story.sentences("opening", 1), story.of_case("hpi")),
            self.section("past", story.sentences("past", rng.randint(2, 4))),
            self.section(
                "social",
                story.sentences("social", 2)
                + (" " + story.sentences("working", 1) if story.works else ""),
                story.sentences("family", 1),
            ),
            self.section("exam", story.of_case("exam")),
        ]
        rest = [
            self.labs(),
            self.section("imaging", story.of_case("imaging")),
            self.section("course", story.of_case("course"), story.sentences("course", 2)),
            self.visits(),
        ]
        head: list[Block] = [lambda flow: LETTERHEADS[look.letterhead](flow, story, look)]
        head += [self.title(), self.form()]
        if look.letter:
            head.append(self.greeting())
        head.append(self.section("diagnosis", self.diagnosis()))
        into = [lambda flow: flow.set_columns(look.columns)]
        return [*head, *into, *prose, *rest, self.head("notes")]

    def closing_blocks(self) -> list[Block]:
        """Medications to the signature."""
        story = self.story
        plan = join(" ", (story.of_case("plan"), story.sentences("follow_up", 3)))
        if story.works:
            plan = plan + " " + story.sentences("sick_note", 1)
        parts = [self.medications(), self.section("plan", story.sentences("closing", 1), plan)]
        if self.look.letter:
            farewell = story.say(story.decks["valediction"].deal()[0])
            parts.append(lambda flow: flow.paragraph(farewell, self.look.body, after=2))
        ink = self.rng.getrandbits(32)
        parts.append(lambda flow: signature(flow, story, self.look, Random(ink)))
        return parts

    def head(self, key: str) -> Block:
        """Set the head of a section."""
        names, title = data("headings"), self.titles[key]
        section = names["record_titles"].get(title, names["record"][key])
        return lambda flow: section_head(flow, title, self.look, section)

    def section(self, key: str, *paragraphs: Textual) -> Block:
        """Set a section of prose."""

        def block(flow: Flow) -> None:
            self.head(key)(flow)
            for paragraph in paragraphs:
                flow.paragraph(paragraph, self.look.body, after=self.look.body.size * 0.35)

        return block

    def title(self) -> Block:
        """Set the title of the document."""
        title = self.rng.choice(data("layouts")["titles"])
        style = self.look.body.but(size=self.look.body.size + 4, bold=True, align="left")

        def block(flow: Flow) -> None:
            flow.head(title, 0, "")
            flow.paragraph(title, style, after=6)

        return block

    def form(self) -> Block:
        """Set the form of demographics."""
        fields = self.fields()
        draw = FORMS[self.look.form]

        def block(flow: Flow) -> None:
            draw(flow, fields, self.look.form_style, columns=self.look.form_columns)
            flow.y += 4

        return block

    def fields(self) -> list[Field]:
        """Draw labels and values of the form, always with name, birth and number."""
        story, rng, labels = self.story, self.rng, self.labels
        patient, relative = story.patient, story.relative
        name = getattr(patient, rng.choice(("full", "listed", "whole", "banner", "capitals")))
        sex = rng.choice(("Female", "F", "female") if patient.female else ("Male", "M", "male"))
        fields = [
            Field(labels["name"], name, rng.choice((1, 2))),
            Field(labels["birth"], story.date("birth")),
            Field(labels["mrn"], patient.id("mrn")),
            Field(labels["sex"], sex),
            Field(labels["age"], patient.age(story.admitted)),
            Field(labels["address"], patient.address, 2),
            Field(labels["phone"], patient.phone),
        ]
        optional = [
            Field(labels["mobile"], patient.mobile),
            Field(labels["email"], patient.email),
            Field(labels["insurer"], story.insurer),
            Field(labels["plan"], patient.id("health_plan")),
            Field(labels["account"], patient.id("account")),
            Field(labels["ward"], story.ward),
        ]
        if story.works:
            optional.append(Field(labels["employer"], story.employer))
        if story.country == "us":
            optional.append(Field(labels["ssn"], patient.id("ssn")))
        fields += rng.sample(optional, rng.randint(2, 5))
        kin = join("", (relative.short, f" ({story.relation}), ", relative.phone))
        fields += [
            Field(labels["admitted"], story.date("adm")),
            Field(labels["discharged"], story.date("dis")),
            Field(labels["attending"], story.attending.title + " " + story.attending.signed),
            Field(labels["referrer"], story.referrer.title + " " + story.referrer.short),
            Field(labels["kin"], kin, 2),
        ]
        return fields

    def greeting(self) -> Block:
        """Set the opening of a letter."""
        words = self.story.say(self.story.decks["greeting"].deal()[0])
        return lambda flow: flow.paragraph(words, self.look.body, after=4)

    def diagnosis(self) -> Text:
        """Name the illness, its code, and one old one."""
        case = self.story.case
        return join(
            "", (case["diagnosis"], f" (ICD-10 {case['icd']}). ", self.story.sentences("past", 1))
        )

    def labs(self) -> Block:
        """Set the table of results."""
        columns = [
            Column("Test", 3),
            Column("Result", 1.4, "right"),
            Column("Unit", 1.6),
            Column("Reference", 1.6),
        ]
        return self.tabular("labs", columns, self.story.case["labs"])

    def visits(self) -> Block:
        """Set the table of visits and contacts, in order of time."""
        story, rng = self.story, self.rng
        rows: list[list[Textual]] = []
        stay = (story.discharged - story.admitted).days
        days = [0, *sorted(rng.randint(0, stay) for _ in range(rng.randint(3, 6))), stay]
        first, *others, last = data("record")["visits"]
        chosen = [first, *rng.sample(others, len(days) - 2), last]
        for shift, (kind, what, who) in zip(days, chosen, strict=True):
            day = story.admitted + dt.timedelta(days=shift)
            date = story.habits.short(day, "visit", story.patient.number)
            rows.append([date, kind, story.say(what), story.say("{" + who + "}")])
        columns = [
            Column("Date", 1.5),
            Column("Contact", 1.7),
            Column("Note", 3.6),
            Column("By", 1.8),
        ]
        visits = self.tabular("visits", columns, rows)

        def block(flow: Flow) -> None:
            flow.set_columns(1)
            visits(flow)
            flow.set_columns(self.look.columns)

        return block

    def medications(self) -> Block:
        """Set the table of medicines."""
        columns = [
            Column("Drug", 2.2),
            Column("Dose", 1.5),
            Column("Route", 0.9),
            Column("Frequency", 2),
            Column("Comment", 2.2),
        ]
        return self.tabular("medications", columns, self.story.case["medications"])

    def tabular(self, key: str, columns: list[Column], rows: list[list[Textual]]) -> Block:
        """Set a table below its head."""

        def block(flow: Flow) -> None:
            head = 3 * self.look.body.line_height
            flow.need(head + kept_height(flow, rows, self.look.table_style))
            self.head(key)(flow)
            table(flow, columns, rows, self.look.table_style)
            flow.y += 4

        return block

    def note(self) -> Block:
        """Set one dated progress note."""
        story, rng = self.story, self.rng
        self._hour += dt.timedelta(hours=rng.randint(3, 14), minutes=rng.randint(0, 59))
        day = story.habits.short(self._hour.date(), "visit", story.patient.number)
        by = rng.choice((story.attending, story.nurse, story.second))
        lead = join(
            "",
            (day, f" {self._hour:%H:%M}  ", rng.choice((by.initialled, by.short, by.last)), ": "),
        )
        body = story.sentences("notes", rng.randint(3, 5))
        whole = lead + body
        style = self.look.body
        return lambda flow: flow.paragraph(
            whole, style, after=style.size * 0.4, bold_until=len(lead)
        )
