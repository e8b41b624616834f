"""A clinical study report: front matter, numbered sections, narratives, subject listings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from training.synthetic import slots
from training.synthetic.book import Book
from training.synthetic.flow import Flow, furnish
from training.synthetic.front import Entry, contents, running_lines, signature_page, title_page
from training.synthetic.grid import Column, table
from training.synthetic.listings import LISTINGS, Listing, Row
from training.synthetic.look import Look, draw_look
from training.synthetic.sources import data
from training.synthetic.speech import narrative, say
from training.synthetic.study import Study
from training.synthetic.text import Text, Textual, as_text, join, mention

EFFICACY_UNTIL, NARRATIVES_UNTIL = 0.28, 0.64
"""Share of the document at which efficacy and narratives end; listings take the rest."""


def make_report(
    seed: str,
    pages: int = 40,
    paragraphs: int = 0,
    layout: str = "",
    split: slots.Split = "train",
) -> Book:
    """Make one report.

    Args:
        seed: the same seed gives the same report.
        pages: length; the fixed matter takes ten to twelve.
        paragraphs: if given, the length in headings, paragraphs and table rows instead; running
            headers and footers, contents and forms do not count.
        layout: a report layout of ``data/layouts.yaml``; drawn if not given.
        split: ``train`` or ``heldout``: which names may be drawn.
    """
    rng = Random(seed)
    study = Study(rng, split)
    chosen = layout or rng.choice(sorted(data("layouts")["report"]))
    look = draw_look(rng, "report", chosen, rng.choice(("us", "gb")))
    book = Book(kind="report", seed=seed, layout=chosen)
    _Report(study, look, book, pages, paragraphs).build()
    book.facts["people"] = study.people()
    return book


def _section(title: str) -> str:
    """Name the section that a heading of ``data/headings.yaml`` opens, or ``""``."""
    named: dict[str, str] = data("headings")["report"]
    return "listings" if title.startswith("Listing ") else named.get(title, "")


class _Report:
    """A report under construction."""

    def __init__(self, study: Study, look: Look, book: Book, pages: int, paragraphs: int) -> None:
        self.study = study
        self.look = look
        self.book = book
        self.paragraphs = paragraphs
        self.contents_pages = 1 if pages < 30 and not paragraphs else 2
        self.pages = pages - self.contents_pages
        self.flow = Flow(book, look.frame)
        self.entries: list[Entry] = []
        self._counters = [0, 0, 0]
        self._told = 0

    def build(self) -> None:
        """Set the whole report, contents last but placed after the signatures."""
        study, look, flow = self.study, self.look, self.flow
        title_page(flow, study, look)
        signature_page(flow, study, look)
        flow.new_page()
        self.abbreviations()
        flow.new_page()
        for kind, content in study.words["sections"]:
            self.part(kind, content)
        self.insert_contents()
        furnish(self.book, running_lines(study, look))
        self.book.describe("Title", "Clinical Study Report " + study.study)
        self.book.describe("Author", study.writer.short)

    def part(self, kind: int | str, content: str) -> None:
        """Set one entry of the list of sections: a heading, a paragraph, or a whole part."""
        if isinstance(kind, int):
            self.heading(kind - 1, content)
        elif kind == "p":
            self.paragraph(say(self.study, content))
        elif kind == "table":
            self.investigators() if content == "investigators" else self.summary()
        elif kind == "fill":
            self.efficacy()
        elif kind == "narratives":
            self.narratives()
        elif kind == "references":
            self.references()
        else:
            self.listings()

    def progress(self) -> float:
        """How much of the document is there, from 0 to 1."""
        flow = self.flow
        if self.paragraphs:
            return flow.blocks / self.paragraphs
        room = flow.bottom - flow.frame.top
        return (len(self.book.pages) - 1 + (flow.y - flow.frame.top) / room) / self.pages

    def heading(self, depth: int, title: Textual) -> None:
        """Set a numbered heading and note it for contents and bookmarks."""
        self._counters[depth] += 1
        self._counters[depth + 1 :] = [0] * (2 - depth)
        number = ".".join(map(str, self._counters[: depth + 1]))
        look, flow, text = self.look, self.flow, as_text(title)
        size = look.body.size + (3.0, 1.2, 0.4)[depth]
        colour = look.accent if look.head == "colour" else (0.0, 0.0, 0.0)
        style = look.body.but(size=size, bold=True, italic=depth == 2, align="left", colour=colour)
        shown = text
        if look.head == "capitals" and depth == 0 and not text.marks:
            shown = Text(text.plain.upper())
        flow.space(size * (1.0, 0.8, 0.6)[depth])
        flow.need(style.line_height + 2.6 * look.body.line_height)
        flow.head(join("  ", (number, shown)), depth, _section(text.plain))
        flow.paragraph(join("  ", (number, shown)), style, after=3, place="heading")
        if look.head == "rule" and depth == 0:
            flow.rule(0.6, look.accent)
            flow.y += 4
        self.entries.append(Entry(number, text, depth, flow.page))
        self.book.bookmark(flow.page, depth, join(" ", (number, text)), max(0.0, flow.y - 30))

    def paragraph(self, text: Text) -> None:
        """Set a paragraph of running text."""
        self.flow.paragraph(text, self.look.body, after=self.look.body.size * 0.5)

    def abbreviations(self) -> None:
        """Set the list of abbreviations."""
        style = self.look.body.but(bold=True, size=self.look.body.size + 2)
        self.flow.head("List of abbreviations", 0, "abbreviations")
        self.flow.paragraph("List of abbreviations", style, after=6)
        columns = [Column("Abbreviation", 1), Column("Meaning", 4)]
        table(self.flow, columns, self.study.words["abbreviations"], self.look.table_style)

    def investigators(self) -> None:
        """Set the table of sites."""
        study, rows = self.study, []
        for site in study.sites:
            actor = site.investigator
            city = mention(site.city, "LOCATION", "city", actor.number)
            rows.append(
                [
                    study.site_number(site),
                    actor.listed,
                    study.facility(site),
                    city + ", " + study.country(site, actor.number),
                    actor.phone,
                ]
            )
        columns = [
            Column("Site", 0.7), Column("Investigator", 2), Column("Institution", 2.6),
            Column("City, country", 2.2), Column("Telephone", 1.7),
        ]  # fmt: skip
        table(self.flow, columns, rows, self.look.table_style)
        self.flow.y += 8

    def summary(self) -> None:
        """Set the table of common adverse events: numbers only."""
        rng = self.study.rng
        rows = [
            [name, *(f"{rng.randint(1, 60)} ({rng.uniform(0.5, 22):.1f})" for _ in range(2))]
            for name in rng.sample(self.study.words["mild_events"], 8)
        ]
        columns = [
            Column("Preferred term, n (%)", 3),
            Column(self.study.product, 1.4, "right"),
            Column("Placebo", 1.4, "right"),
        ]
        table(self.flow, columns, rows, self.look.table_style)
        self.flow.y += 8

    def efficacy(self) -> None:
        """Set subsections of results until their share of the document is there."""
        words, rng = self.study.words["efficacy"], self.study.rng
        rounds = 0
        while rounds < 2 or self.progress() < EFFICACY_UNTIL:
            head = words["heads"][rounds % len(words["heads"])]
            analysis = f" – analysis set {rounds // len(words['heads']) + 1}"
            self.heading(1, head + (analysis if rounds >= len(words["heads"]) else ""))
            for template in rng.sample(words["texts"], rng.randint(3, 6)):
                self.paragraph(say(self.study, template))
            rounds += 1

    def narratives(self) -> None:
        """Set narratives, each below a heading with the subject's number."""
        study = self.study
        self.flow.set_columns(self.look.narrative_columns)
        self._told = 0
        while self._told < 3 or self.progress() < NARRATIVES_UNTIL:
            while len(study.subjects) <= self._told:
                study.add_subject()
            subject = study.subjects[self._told]
            self.heading(2, join(" ", (study.sid_word, study.sid(subject))))
            for paragraph in narrative(study, subject):
                self.paragraph(paragraph)
            self._told += 1
        self.flow.set_columns(1)

    def references(self) -> None:
        """Set the literature."""
        study, rng, words = self.study, self.study.rng, self.study.words["references"]
        style = self.look.body
        for number, names in enumerate(study.references[: 6 if self.pages < 20 else 24], 1):
            authors = join(", ", [mention(name, "NAME", "author") for name in names])
            first = rng.randint(100, 2400)
            issue = f"{rng.randint(1998, 2021)};{rng.randint(9, 390)}:{first}–{rng.randint(10, 99)}"
            work = f"{rng.choice(words['titles'])}. {rng.choice(words['journals'])} {issue}."
            line = join(" ", (f"{number}.", authors + ".", work))
            self.flow.paragraph(line, style, after=2, hanging=8)

    def listings(self) -> None:
        """Set the listings up to the document's length."""
        flow, look = self.flow, self.look
        frame = look.frame
        if look.landscape and self.pages >= 14:
            frame = replace(frame, width=frame.height, height=frame.width, left=46, right=46)
            flow.turn(frame)
        start = self.progress()
        style = replace(
            look.table_style,
            head=look.table_style.head.but(family=look.listing_family, size=7.6),
            cell=look.table_style.cell.but(family=look.listing_family, size=7.6),
            padding=2.4,
        )
        for number, listing in enumerate(LISTINGS, 1):
            until = start + (1.0 - start) * number / len(LISTINGS)
            if self.full(until):
                continue
            self.heading(1, listing.title)
            table(flow, listing.columns, self.rows(listing, until), style, "listing")
            flow.y += 8

    def full(self, until: float) -> bool:
        """Whether a listing that ends at ``until`` has no room left."""
        if self.paragraphs:
            return self.flow.blocks >= min(1.0, until) * self.paragraphs
        if len(self.book.pages) >= self.pages and self.flow.y > self.flow.bottom - 70:
            return True
        return self.progress() >= until

    def rows(self, listing: Listing, until: float) -> Iterator[Row]:
        """Draw rows subject by subject until the listing has had its share."""
        study, index = self.study, 0
        while True:
            while len(study.subjects) <= index:
                study.add_subject()
            for row in listing.rows_of(study, study.subjects[index]):
                if self.full(until):
                    return
                yield row
            index += 1

    def insert_contents(self) -> None:
        """Set the contents, now that pages are known, and move them to their place."""
        book, before = self.book, len(self.book.pages)
        place = 2
        numbers = {id(page): n + 1 for n, page in enumerate(book.pages[:before])}
        for page in book.pages[place:]:
            numbers[id(page)] += self.contents_pages
        flow = Flow(book, self.look.frame)
        contents(flow, self.look, self._contents_entries(), numbers, self.contents_pages)
        while len(book.pages) < before + self.contents_pages:
            flow.new_page()
        added = book.pages[before:]
        del book.pages[before:]
        book.pages[place:place] = added

    def _contents_entries(self) -> list[Entry]:
        """Leave narratives out of the contents of long reports."""
        return [entry for entry in self.entries if entry.depth < 2 or self._told <= 40]
