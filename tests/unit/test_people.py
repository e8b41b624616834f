"""People: whose mention is whose, what contradicts, and who is hidden everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_inputs import Given, paragraphs_of, spans_of

from nescio.context import predict_context
from nescio.search import Conflict, LinkedPeople, Person, link_people, settle_people


class Linked(NamedTuple):
    """The result of linking, by text."""

    people: LinkedPeople
    of: dict[tuple[int, str], int]

    def same(self, *mentions: tuple[int, str]) -> bool:
        """Say whether all these mentions are one person's."""
        return len({self.of.get(mention, -1) for mention in mentions}) == 1 and all(
            mention in self.of for mention in mentions
        )


def link(texts: Sequence[str | dict[str, Any]], *spans: Given) -> Linked:
    paragraphs = paragraphs_of(texts)
    people = link_people(paragraphs, spans_of(paragraphs, spans), predict_context(paragraphs))
    written = paragraphs["text"].to_pylist()
    return Linked(
        people,
        {
            (row["paragraph"], written[row["paragraph"]][row["start"] : row["end"]]): row["person"]
            for row in people.assignments.to_pylist()
        },
    )


def propagated(
    texts: Sequence[str | dict[str, Any]], *spans: Given
) -> list[tuple[int, str, str, str]]:
    """Return (paragraph, text, label, kind) of what the last pass adds."""
    paragraphs = paragraphs_of(texts)
    given_spans = spans_of(paragraphs, spans)
    every, _ = settle_people(paragraphs, given_spans, predict_context(paragraphs))
    written = paragraphs["text"].to_pylist()
    return [
        (r["paragraph"], written[r["paragraph"]][r["start"] : r["end"]], r["label"], r["kind"])
        for r in every.slice(len(given_spans)).to_pylist()
    ]


def name(paragraph: int, text: str, kind: str = "patient") -> Given:
    return Given(paragraph, text, "NAME", kind)


def number(paragraph: int, text: str, kind: str = "subject_id") -> Given:
    return Given(paragraph, text, "ID", kind)


@pytest.mark.parametrize(
    "mention", ["Jane Doe", "DOE, Jane", "J. Doe", "Jane Q. Doe", "Doe", "Jane", "J.D.", "JD",
                "Mrs. Doe"]
)  # fmt: skip
def test_forms_of_one_name_are_one_person(mention: str) -> None:
    linked = link(["Jane Quentin Doe came.", f"Then {mention} left."],
                  name(0, "Jane Quentin Doe"), name(1, mention, ""))  # fmt: skip
    assert linked.same((0, "Jane Quentin Doe"), (1, mention))


@pytest.mark.parametrize("other", ["John Doe", "Jane Dow", "Jane Roe", "K. Doe", "Smith", "K.D."])
def test_other_names_are_other_persons(other: str) -> None:
    linked = link(["Jane Doe came.", f"Then {other} left."], name(0, "Jane Doe"), name(1, other))
    assert linked.of[0, "Jane Doe"] != linked.of[1, other]


def test_double_name_and_its_part_are_one_person() -> None:
    linked = link(["Ana Ruiz-Lopez", "Ana Ruiz"], name(0, "Ana Ruiz-Lopez"), name(1, "Ana Ruiz"))
    assert linked.same((0, "Ana Ruiz-Lopez"), (1, "Ana Ruiz"))


def test_surname_that_two_share_is_the_one_named_before_it_under_the_same_heading() -> None:
    texts = ["# 1 A", "Jane Smith came.", "Smith left.", "# 2 B", "John Smith came.", "Smith sat."]
    linked = link(texts, name(1, "Jane Smith"), name(2, "Smith"), name(4, "John Smith"),
                  name(5, "Smith"))  # fmt: skip
    assert linked.same((1, "Jane Smith"), (2, "Smith"))
    assert linked.same((4, "John Smith"), (5, "Smith"))
    assert not linked.same((1, "Jane Smith"), (4, "John Smith"))


def test_shortened_name_of_staff_is_not_the_patients() -> None:
    linked = link(["John Smith came.", "Dr. Smith saw him."], name(0, "John Smith"),
                  name(1, "Dr. Smith", "staff"))  # fmt: skip
    assert not linked.same((0, "John Smith"), (1, "Dr. Smith"))


def test_numbers_that_one_record_shows_together_are_one_person() -> None:
    texts = ["Subject 1004, USUBJID CJ1-101-1004, MRN 77812", "1004 again"]
    linked = link([{"text": texts[0], "kind": "field"}, texts[1]],
                  number(0, "1004"), number(0, "CJ1-101-1004"), number(0, "77812", "mrn"),
                  number(1, "1004"))  # fmt: skip
    assert linked.same((0, "CJ1-101-1004"), (0, "77812"), (0, "1004"), (1, "1004"))


def test_short_number_with_which_two_end_is_neither() -> None:
    linked = link(["CJ1-101-1004", "CJ1-102-1004", "1004"], number(0, "CJ1-101-1004"),
                  number(1, "CJ1-102-1004"), number(2, "1004"))  # fmt: skip
    assert len(set(linked.of.values())) == 3


def test_rows_of_a_listing_are_persons_of_their_own() -> None:
    rows: list[str | dict[str, Any]] = [
        {"text": f"{number_} {name_}", "kind": "cell", "table": 0, "row": row}
        for row, (number_, name_) in enumerate([("1004", "Jane Doe"), ("1005", "John Roe")])
    ]
    linked = link(["# Listing", *rows], number(1, "1004"), name(1, "Jane Doe"), number(2, "1005"),
                  name(2, "John Roe"))  # fmt: skip
    assert linked.same((1, "1004"), (1, "Jane Doe"))
    assert linked.same((2, "1005"), (2, "John Roe"))
    assert not linked.same((1, "1004"), (2, "1005"))


def test_heading_and_its_narrative_are_one_person() -> None:
    texts = ["# Subject 1004", "Jane Doe, born 1 May 1970, aged 44.", "# Subject 1005", "Aged 51."]
    linked = link(texts, number(0, "1004"), name(1, "Jane Doe"),
                  Given(1, "1 May 1970", "DATE", "birth"), Given(1, "44", "AGE"), number(2, "1005"),
                  Given(3, "51", "AGE"))  # fmt: skip
    assert linked.same((0, "1004"), (1, "Jane Doe"), (1, "1 May 1970"), (1, "44"))
    assert linked.same((2, "1005"), (3, "51"))
    assert linked.people.persons[0] == Person(
        "d", 0, "patient", ("Jane Doe",), (("subject_id", "1004"),), (("birth", "1 May 1970"),),
        (("AGE", "44"),)
    )  # fmt: skip


def test_staff_beside_a_subject_stays_apart() -> None:
    linked = link(["# Subject 1004", "Seen by Dr. Ruiz."], number(0, "1004"),
                  name(1, "Dr. Ruiz", "staff"))  # fmt: skip
    assert not linked.same((0, "1004"), (1, "Dr. Ruiz"))
    assert [person.role for person in linked.people.persons] == ["patient", "staff"]


def test_namesake_with_another_number_is_another_person_and_a_conflict() -> None:
    texts = ["# Subject 1004", "Luca Rossi, 44.", "# Subject 1005", "Luca Rossi, 50."]
    linked = link(texts, number(0, "1004"), name(1, "Luca Rossi"), number(2, "1005"),
                  name(3, "Luca Rossi"), Given(3, "50", "AGE"))  # fmt: skip
    assert linked.same((0, "1004"), (1, "Luca Rossi"))
    assert linked.same((2, "1005"), (3, "Luca Rossi"), (3, "50"))
    assert linked.people.conflicts == [Conflict("d", 0, 1, "subject_id")]


def test_one_number_with_two_names_is_a_conflict() -> None:
    rows: list[str | dict[str, Any]] = [
        {"text": text, "kind": "field"} for text in ("MRN 778 Jane Doe", "MRN 778 Luca Rossi")
    ]
    linked = link(rows, number(0, "778", "mrn"), name(0, "Jane Doe"), number(1, "778", "mrn"),
                  name(1, "Luca Rossi"))  # fmt: skip
    assert not linked.same((0, "Jane Doe"), (1, "Luca Rossi"))
    assert [conflict.about for conflict in linked.people.conflicts] == ["name"]


def test_conflict_names_nobody() -> None:
    assert set(Conflict.__annotations__) == {"doc", "person", "other", "about"}


def test_only_subject_of_a_document_owns_what_nobody_else_does() -> None:
    linked = link(["# 1 A", "Jane Doe", "# 2 B", "Seen on 3 May 2021."], name(1, "Jane Doe"),
                  Given(3, "3 May 2021", "DATE"))  # fmt: skip
    assert linked.same((1, "Jane Doe"), (3, "3 May 2021"))


def test_persons_of_two_documents_are_numbered_apart() -> None:
    import pyarrow as pa

    paragraphs = pa.concat_tables([paragraphs_of(["Jane Doe"], doc) for doc in ("a", "b")])
    spans = pa.concat_tables(
        [
            spans_of(paragraphs_of(["Jane Doe"], doc), [name(0, "Jane Doe")], doc)
            for doc in ("a", "b")
        ]
    )
    people = link_people(paragraphs, spans, predict_context(paragraphs))
    assert [(person.doc, person.number) for person in people.persons] == [("a", 0), ("b", 0)]


def test_name_found_once_is_found_everywhere() -> None:
    texts = ["# 1 A", "Jane Kowalczyk came.", "# 2 B", "Kowalczyk and KOWALCZYK, J. left."]
    assert propagated(texts, name(1, "Jane Kowalczyk")) == [
        (3, "Kowalczyk", "NAME", "patient"),
        (3, "KOWALCZYK, J.", "NAME", "patient"),
    ]


def test_number_found_once_is_found_everywhere() -> None:
    texts = ["# Subject CJ1-101-1004", "# 2 B", "Sample CJ1/101/1004, 1004 cells, subject 1004."]
    found = propagated(texts, number(0, "CJ1-101-1004"))
    assert [text for _, text, _, _ in found] == ["CJ1/101/1004", "1004"]


def test_ordinary_word_is_not_spread_without_support() -> None:
    texts = ["# 1 A", "Will Young came.", "# 2 B", "Young patients will come. Mr. Young left."]
    assert propagated(texts, name(1, "Will Young")) == [(3, "Young", "NAME", "patient")]


def test_unsure_name_is_not_spread() -> None:
    weak = Given(1, "Kowalczyk", "NAME", "", 0.3, "tagger")
    assert propagated(["# 1 A", "Kowalczyk came.", "# 2 B", "Kowalczyk left."], weak) == []


def test_what_is_found_already_is_not_found_again() -> None:
    assert propagated(["Jane Doe and Jane Doe"], name(0, "Jane Doe and Jane Doe")) == []


WORDS = ["Jane", "John", "Doe", "Smith", "J.", "Ruiz-Lopez", "Ruiz"]
MENTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("NAME"),
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
            st.sampled_from(["", "patient", "staff"]),
        ),
        st.tuples(
            st.just("ID"),
            st.sampled_from(["1004", "1-1004", "2-1004", "1005"]),
            st.sampled_from(["subject_id", "mrn"]),
        ),
    ),
    min_size=1,
    max_size=10,
)


@given(MENTIONS, st.lists(st.booleans(), min_size=10, max_size=10))
def test_no_person_has_two_numbers_of_one_kind_that_exclude_each_other(
    mentions: list[tuple[str, str, str]], headings: list[bool]
) -> None:
    texts: list[str | dict[str, Any]] = [
        {"text": text, "kind": "heading" if heading else "field"}
        for (_, text, _), heading in zip(mentions, headings, strict=False)
    ]
    spans = [Given(i, text, label, kind) for i, (label, text, kind) in enumerate(mentions)]
    linked = link(texts, *spans)
    for person in linked.people.persons:
        for kind in {kind for kind, _ in person.ids}:
            values = [text for k, text in person.ids if k == kind]
            assert all(a.endswith(b) or b.endswith(a) for a, b in combinations(values, 2))
    numbers = linked.people.assignments["person"].to_pylist()
    assert sorted(set(numbers)) == list(range(len(set(numbers))))
