"""Dates: read, shifted and set again in the form in which they were written."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nescio.policy.date_mentions import order_of, shift, to_year
from nescio.policy.dates import read_date

FORMS = (
    "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y",
    "%d%b%Y", "%A, %B %d, %Y", "%Y%m%d", "%Y-%m-%dT10:30:00Z", "%d %b. %Y at 9:05 am", "%Y/%m/%d",
)  # fmt: skip


@given(
    date=st.dates(datetime.date(1930, 1, 1), datetime.date(2090, 12, 31)),
    days=st.integers(-3000, 3000),
    form=st.sampled_from(FORMS),
)
def test_a_shifted_date_is_the_true_date_moved_and_keeps_its_form(
    date: datetime.date, days: int, form: str
) -> None:
    order = "month" if form.startswith("%m") else "day"
    moved = date + datetime.timedelta(days=days)
    shifted = shift(date.strftime(form), days, order, 2024) or ""
    expected = moved.strftime(form)
    if "%B" in form or "%d %b" in form:  # "10 May" does not show how "9 May" is padded
        shifted, expected = (re.sub(r"\b0(?=\d[ ,])", "", text) for text in (shifted, expected))
    assert shifted == expected


@given(
    date=st.dates(datetime.date(1930, 1, 1), datetime.date(2024, 12, 31)),
    form=st.sampled_from(FORMS),
)
def test_only_the_year_is_left_of_a_date_in_any_form(date: datetime.date, form: str) -> None:
    order = "month" if form.startswith("%m") else "day"
    assert to_year(date.strftime(form), order, 2024) == str(date.year)


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("May 1977", "June 1977"),
        ("05/1977", "06/1977"),
        ("MAY77", "JUN77"),
        ("24 May", "28 June"),
        ("UNMAY1977", "UNJUN1977"),
        ("the 24th of May, 1977", "the 28th of June, 1977"),
        ("3 to 5 May 2020", "7 June 2020 to 9 June 2020"),
        ("May 2018 - June 2019", "June 2018 - July 2019"),
        ("24. Mai 1977", "28. Juni 1977"),
        ("le 3 août 2019", "le 7 septembre 2019"),
        ("5/24/77", "6/28/77"),
        ("04/05/20", "05/10/20"),
        ("1/7/2020", "2/11/2020"),
        ("29 February 2020", "4 April 2020"),
        ("Dec. 31, 1999", "Feb. 4, 2000"),
    ],
)
def test_partial_and_worded_dates_stay_as_partial_as_they_were(written: str, moved: str) -> None:
    assert shift(written, 35, "month", 2024) == moved


@pytest.mark.parametrize(
    "text", ["soon", "Q3 2020", "the nineties", "31 Feb 2020", "12:30", "99/99/9999", "day 15", ""]
)
def test_what_is_not_clearly_a_date_is_not_shifted(text: str) -> None:
    assert shift(text, 35, "month", 2024) is None


@pytest.mark.parametrize(
    ("text", "year"), [("24 May", None), ("May to June 2019", "2019"), ("2018-2019", "2018–2019")]
)
def test_a_date_without_year_leaves_none(text: str, year: str | None) -> None:
    assert to_year(text, "month", 2024) == year


@pytest.mark.parametrize(
    ("text", "year"), [("5/24/25", 2025), ("5/24/26", 1926), ("5/24/77", 1977)]
)
def test_years_of_two_digits_are_not_in_the_future(text: str, year: int) -> None:
    written = read_date(text, "month", 2024)
    assert written is not None and written.year == year


def test_the_order_of_numeric_dates_is_that_which_the_document_shows() -> None:
    assert order_of(["03/04/2020", "24/05/1977"]) == "day"
    assert order_of(["03/04/2020", "05/24/1977"]) == "month"
    assert order_of(["03/04/2020", "May 2020"]) is None
