"""Dates and ages in every form that records use, with the part that is the span."""

from __future__ import annotations

import datetime
import random
import re

from training.synthetic.slots.lists import Split, draw_format, read_yaml

_WORDS: dict[str, list[str]] = read_yaml("words")
MONTHS: list[str] = _WORDS["months"]
WEEKDAYS: list[str] = _WORDS["weekdays"]
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
SEASONS = ("winter", "spring", "summer", "fall", "autumn")

DATE_STYLES = ("full", "daymonth", "monthyear", "year", "holiday", "range")
AGE_STYLES = ("adult", "adjective", "apposition", "infant", "vague")


def ordinal(number: int) -> str:
    """Write ``3`` as ``3rd``."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def in_words(number: int) -> str:
    """Write a number below 120 in English words."""
    if number < 20:
        return _WORDS["small_numbers"][number]
    if number >= 100:
        return "one hundred" + (f" and {in_words(number - 100)}" if number > 100 else "")
    return _WORDS["tens"][number // 10] + (
        f"-{_WORDS['small_numbers'][number % 10]}" if number % 10 else ""
    )


def draw_date(rng: random.Random, first: int = 1995, last: int = 2025) -> datetime.date:
    """Draw a day, uniformly over the years ``first`` to ``last``."""
    start = datetime.date(first, 1, 1).toordinal()
    return datetime.date.fromordinal(rng.randint(start, datetime.date(last, 12, 31).toordinal()))


def _fields(rng: random.Random, day: datetime.date) -> dict[str, str | int]:
    month, year = MONTHS[day.month - 1], day.year
    short = "Sept" if day.month == 9 and rng.random() < 0.3 else month[:3]
    later = day + datetime.timedelta(days=rng.randint(1, 20))
    if later.month != day.month:
        later = day.replace(day=min(day.day + 1, 28))
    return {
        "d": day.day, "dd": f"{day.day:02}", "m": day.month, "mm": f"{day.month:02}",
        "yy": f"{year % 100:02}", "yyyy": year, "Month": month, "MONTH": month.upper(),
        "month": month.lower(), "Mon": short, "MON": month[:3].upper(), "mon": month[:3].lower(),
        "ord": ordinal(day.day), "of": ROMAN[day.month - 1], "q": (day.month + 2) // 3,
        "wd": WEEKDAYS[day.weekday()][:3], "Wday": WEEKDAYS[day.weekday()],
        "season": "autumn" if day.month in (9, 10) else SEASONS[(day.month % 12) // 3],
        "H": f"{rng.randint(0, 23):02}", "M": f"{rng.randint(0, 59):02}",
        "S": f"{rng.randint(0, 59):02}", "d2": later.day, "dd2": f"{later.day:02}",
        "m2": later.month, "mm2": f"{later.month:02}", "Mon2": MONTHS[later.month - 1][:3],
    }  # fmt: skip


def render_date(
    rng: random.Random,
    day: datetime.date,
    style: str = "full",
    split: Split = "train",
    form: str = "",
) -> str:
    """Write a day in a drawn format of ``style`` (one of ``DATE_STYLES``), or as ``form`` says.

    Returns:
        The text, all of which is the span. ``dates.*`` of ``formats.yaml`` lists the formats.
    """
    chosen = form or draw_format(rng, f"dates.{style}", split)
    return chosen.format_map(_fields(rng, day))


def render_age(
    rng: random.Random, years: int, style: str = "adult", split: Split = "train", his: str = "their"
) -> list[tuple[str, bool]]:
    """Write an age as pieces of text, each with a flag that says whether it is the span.

    The span is the bare number of years (as data sets label it), or number and unit where the
    unit is not years, or the decade (``nineties``).
    """
    form = draw_format(rng, f"ages.{style}", split)
    if style == "vague" and years < 20:
        form = "[teenager]" if years > 12 else "[toddler]"
    decade = min(years // 10, 9)
    filled = form.format(
        n=years,
        k=rng.randint(2, 11),
        word=in_words(years),
        n2=rng.randint(1, 9),
        decade=_WORDS["decades"][decade],
        decades=rng.choice([f"{decade}0s", f"{decade}0's"]),
        his=his,
    )
    pieces = re.split(r"[\[\]]", filled)
    return [(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]
