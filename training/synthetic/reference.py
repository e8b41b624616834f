"""A reference table beside a document: a hospital's patient extract or a study's subject list."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from training.synthetic import slots
from training.synthetic.book import Book
from training.synthetic.sources import data

BATCH_ROWS = 50_000
POOL = 4_000
"""So many names, streets and cities are drawn; rows combine them."""

_COLUMN_OF = {
    ("ID", "mrn"): "mrn",
    ("ID", "ssn"): "ssn",
    ("ID", "subject_id"): "subject_id",
    ("ID", "health_plan"): "member_id",
    ("ID", "account"): "account_number",
    ("ADDRESS", "street"): "street",
    ("LOCATION", "city"): "city",
    ("LOCATION", "zip"): "zip",
    ("PHONE", ""): "phone",
    ("EMAIL", ""): "email",
}

Draw = Callable[[np.random.Generator, int, int], "list[str] | np.ndarray"]


def write_reference(
    path: Path, book: Book, rows: int = 2_000, columns: int = 300, seed: str = "0"
) -> None:
    """Write a reference table that holds the document's people among invented others.

    The first 24 columns identify (names, dates, numbers, contact); the others are measurements,
    codes and flags, as such extracts have them by the hundred. Rows of the document's people are
    spread over the table.

    Args:
        path: Parquet file to write.
        book: the document; its gold gives the values of its people.
        rows: of the table.
        columns: of the table, 24 at least.
        seed: of the others.
    """
    known = _known_people(book)
    identity = _identity_columns()
    names = list(identity)
    if columns < len(names):
        raise ValueError(f"a reference table has {len(names)} columns or more")
    rng = np.random.default_rng(abs(int.from_bytes(seed.encode(), "big")) % 2**63)
    pools = _pools(random.Random(f"reference {seed}"))
    places = rng.permutation(rows)[: len(known)].tolist()
    at = dict(zip(places, known, strict=False))
    fillers = _filler_columns(columns - len(names))
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = None
    for start in range(0, rows, BATCH_ROWS):
        count = min(BATCH_ROWS, rows - start)
        arrays = {name: draw(rng, pools, start, count) for name, draw in identity.items()}
        together = zip(arrays["first_name"], arrays["last_name"], strict=True)
        arrays["full_name"] = [f"{first} {last}" for first, last in together]
        for row in range(start, start + count):
            for name, value in at.get(row, {}).items():
                arrays[name][row - start] = value
        arrays.update({name: draw(rng, start, count) for name, draw in fillers.items()})
        table = pa.table(arrays)
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _known_people(book: Book) -> list[dict[str, str]]:
    """Return identity columns of the patients and subjects, as far as the document tells them."""
    gold = book.gold()
    kept: dict[int, dict[str, str]] = {}
    for row in gold["people"]:
        if row["role"] == "subject":
            kept[row["id"]] = {"subject_id": row["name"], "birth_date": row["birth"]}
        elif row["role"] in ("patient", "relative"):
            kept[row["id"]] = {
                "full_name": row["name"],
                "first_name": row["first"],
                "last_name": row["last"],
                "birth_date": row["birth"],
            }
    for row in gold["mentions"]:
        column = _COLUMN_OF.get((row["label"], row["kind"]))
        if column and row["person"] in kept:
            kept[row["person"]].setdefault(column, row["text"])
    return list(kept.values())


def _pools(rng: random.Random) -> dict[str, list[str]]:
    """Draw the lists that rows are combined from."""
    people = [slots.make_name(rng, rng.choice(("male", "female"))) for _ in range(POOL)]
    places = [slots.make_place(rng) for _ in range(POOL)]
    words = data("words")
    return {
        "first": [name.first for name in people],
        "last": [name.last for name in people],
        "street": [place.street.replace("\n", ", ") for place in places],
        "city": [place.city for place in places],
        "region": [place.region for place in places],
        "zip": [place.zip for place in places],
        "country": [place.country_name for place in places],
        "insurer": words["insurers"],
        "employer": words["employers"],
        "physician": [f"Dr {name.full}" for name in people[:200]],
        "hospital": [name for names in words["hospitals"].values() for name in names],
        "phone": [slots.render_phone(rng, place.country) for place in places],
    }


Column = Callable[[np.random.Generator, dict[str, list[str]], int, int], list[str]]


def _pick(pool: str) -> Column:
    def draw(
        rng: np.random.Generator, pools: dict[str, list[str]], start: int, count: int
    ) -> list[str]:
        chosen = pools[pool]
        return [chosen[index] for index in rng.integers(0, len(chosen), count)]

    return draw


def _code(form: str, low: int, high: int) -> Column:
    def draw(
        rng: np.random.Generator, pools: dict[str, list[str]], start: int, count: int
    ) -> list[str]:
        return [form.format(number) for number in rng.integers(low, high, count)]

    return draw


def _day(first: int, last: int) -> Column:
    low, high = dt.date(first, 1, 1).toordinal(), dt.date(last, 12, 31).toordinal()

    def draw(
        rng: np.random.Generator, pools: dict[str, list[str]], start: int, count: int
    ) -> list[str]:
        return [dt.date.fromordinal(day).isoformat() for day in rng.integers(low, high, count)]

    return draw


def _row_number(
    rng: np.random.Generator, pools: dict[str, list[str]], start: int, count: int
) -> list[str]:
    return [f"R{number:08d}" for number in range(start, start + count)]


def _identity_columns() -> dict[str, Column]:
    return {
        "row_id": _row_number,
        "full_name": _row_number,  # first and last name, once they are drawn
        "first_name": _pick("first"),
        "last_name": _pick("last"),
        "birth_date": _day(1928, 2006),
        "mrn": _code("{:08d}", 1, 99_999_999),
        "ssn": _code("{:09d}", 100_000_000, 899_999_999),
        "subject_id": _code("{:07d}", 1_001_001, 9_999_999),
        "member_id": _code("M{:09d}", 1, 999_999_999),
        "account_number": _code("A{:08d}", 1, 99_999_999),
        "street": _pick("street"),
        "city": _pick("city"),
        "region": _pick("region"),
        "zip": _pick("zip"),
        "country": _pick("country"),
        "phone": _pick("phone"),
        "email": _code("person{}@example.org", 1, 9_999_999),
        "insurer": _pick("insurer"),
        "employer": _pick("employer"),
        "attending": _pick("physician"),
        "hospital": _pick("hospital"),
        "admission_date": _day(2012, 2024),
        "discharge_date": _day(2012, 2024),
        "last_visit_date": _day(2012, 2024),
    }


def _filler_columns(count: int) -> dict[str, Draw]:
    """Return measurements, codes and flags: columns that identify nobody by themselves."""
    codes = pa.array([f"C{number:03d}" for number in range(400)])
    kinds: list[tuple[str, Draw]] = [
        ("lab", lambda rng, start, rows: np.round(rng.lognormal(2.0, 0.7, rows), 2)),
        ("code", lambda rng, start, rows: codes.take(pa.array(rng.integers(0, 400, rows)))),
        ("flag", lambda rng, start, rows: rng.integers(0, 2, rows).astype(bool)),
        ("score", lambda rng, start, rows: rng.integers(0, 60, rows).astype(np.int16)),
    ]
    columns: dict[str, Draw] = {}
    for number in range(count):
        name, draw = kinds[number % len(kinds)]
        columns[f"{name}_{number // len(kinds) + 1:03d}"] = draw
    return columns
