"""How one document writes its dates: one form for tables and forms, another for prose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from training.synthetic import slots
from training.synthetic.sources import data
from training.synthetic.text import Text, mention


@dataclass(frozen=True)
class DateHabits:
    """Forms of ``slots.render_date``: figures (tables), words (prose), without year, month only."""

    figures: str
    words: str
    daymonth: str
    monthyear: str
    rng: Random

    def _write(self, day: dt.date, form: str, kind: str, person: int) -> Text:
        plain = slots.render_date(self.rng, day, form=form)
        return mention(plain, "DATE", kind, person)

    def short(self, day: dt.date, kind: str = "", person: int = -1) -> Text:
        """Write a date for a form or a table."""
        return self._write(day, self.figures, kind, person)

    def long(self, day: dt.date, kind: str = "", person: int = -1) -> Text:
        """Write a date for prose."""
        return self._write(day, self.words, kind, person)

    def partial(self, day: dt.date, kind: str = "", person: int = -1) -> Text:
        """Write a date without its year, as prose does once the year is clear."""
        return self._write(day, self.daymonth, kind, person)

    def month(self, day: dt.date, kind: str = "", person: int = -1) -> Text:
        """Write month and year."""
        return self._write(day, self.monthyear, kind, person)


def draw_habits(rng: Random, region: str) -> DateHabits:
    """Draw the habits of a document; ``region`` is us, other or study."""
    forms = data("words")["dates"][region]
    chosen = {
        part: rng.choice(forms[part]) for part in ("figures", "words", "daymonth", "monthyear")
    }
    return DateHabits(**chosen, rng=Random(rng.getrandbits(48)))
