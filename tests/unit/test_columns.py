"""Cells of a table are what the heading of their column says."""

from __future__ import annotations

from pattern_examples import paragraphs

from nescio.search import find_patterns

HEADINGS = "Subject\tSite\tAge (y)\tSex\tRace\tKit"


def _found(*texts: str, kind: str = "cell", bold: tuple[int, ...] = (0,)) -> list[tuple]:
    table = paragraphs(
        list(texts), kind=kind, bold=[number in bold for number in range(len(texts))]
    )
    return [
        (span["paragraph"], span["label"], span["kind"], span["start"], span["end"])
        for span in find_patterns(table).to_pylist()
    ]


def test_cells_get_the_label_and_kind_of_their_column() -> None:
    assert _found(HEADINGS, "010-032\t010\t53\tF\tAsian\tK94109") == [
        (1, "ID", "subject_id", 0, 7),
        (1, "ID", "site_id", 8, 11),
        (1, "AGE", "", 12, 14),
        (1, "ID", "device", 23, 29),
    ]


def test_a_cell_that_is_not_of_the_column_s_form_is_left_alone() -> None:
    assert _found(HEADINGS, "total\tall\t53.5\tF\tAsian\tnone") == []


def test_columns_behind_a_merged_cell_are_counted_from_the_right() -> None:
    rows = _found(HEADINGS, "010-032\t010\t53\tF Asian\tK94109")
    assert (1, "ID", "device", 23, 29) in rows


def test_headings_hold_over_rows_but_not_over_a_section_heading() -> None:
    row = "010-032\t010\t53\tF\tAsian\tK94109"
    table = paragraphs(
        [HEADINGS, row, "or Alaska Native", row, "5. Safety", row],
        kind=["cell", "cell", "body", "cell", "heading", "cell"],
    )
    found = {span["paragraph"] for span in find_patterns(table).to_pylist()}
    assert found == {1, 3}


def test_a_bold_row_of_other_headings_ends_the_columns() -> None:
    assert _found(HEADINGS, "Organ\tFinding\tGrade", "112\t010\t53", bold=(0, 1)) == []


def test_columns_of_one_document_say_nothing_about_the_next() -> None:
    table = paragraphs([HEADINGS, "010-032\t010\t53\tF\tAsian\tK94109"], doc=["d1", "d2"])
    assert find_patterns(table).num_rows == 0


def test_a_second_line_of_headings_that_holds_units_does_not_end_the_columns() -> None:
    found = _found("Subject\tAge\tWeight", "\t(y)\t(kg)", "010-032\t53\t81", bold=(0, 1))
    assert (2, "AGE", "", 8, 10) in found


def test_initials_that_are_words_are_initials_in_their_column() -> None:
    rows = ["Subject\tInitials", "010-032\tPA", "010-033\tNA"]
    assert [row[:2] for row in _found(*rows) if row[1] == "NAME"] == [(1, "NAME")]


def test_names_and_initials_in_columns_are_found() -> None:
    assert _found("Investigator\tInitials\tRole", "Owen, Shelly F.\tSFO\tlead") == [
        (1, "NAME", "investigator", 0, 15),
        (1, "NAME", "patient", 16, 19),
    ]
