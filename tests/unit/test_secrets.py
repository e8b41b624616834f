"""Searching for secrets: every spelling is found, what only meets by chance is not."""

from __future__ import annotations

import pytest

from nescio.redact.boxes import Box
from nescio.redact.secrets import SecretSearch, distinctive


def search(label: str, secret: str) -> SecretSearch:
    return SecretSearch(distinctive([Box(0, 0, 1, 1, 0, label, "", secret)]))


@pytest.mark.parametrize(
    "text",
    ["Subject 017/028 fell", "017 / 028", "017/\n028", "017-028", "017028", "0 1 7 / 0 2 8",
     "0 1 7 0 2 8"],
)  # fmt: skip
def test_a_number_with_a_sign_in_it_is_found_however_it_is_written(text: str) -> None:
    assert search("ID", "017/028").count(text) == 1


@pytest.mark.parametrize("text", ["028/017 028/017", "cell 017\n028 cell", "1017/028", "017/0281"])
def test_numbers_of_neighbouring_cells_are_not_a_number_with_a_sign_in_it(text: str) -> None:
    assert search("ID", "017/028").count(text) == 0


@pytest.mark.parametrize("text", ["943 476 5919", "943\n476 5919", "943-476-5919", "9434765919"])
def test_a_number_parted_by_spaces_is_found_however_it_is_parted(text: str) -> None:
    assert search("ID", "943 476 5919").count(text) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [("At 17:34Ilse Vargasdottir", 1), ("Ilse Vargasdottir2,3", 1), ("XIlse Vargasdottir", 0)],
)
def test_digits_that_touch_a_name_do_not_hide_it(text: str, count: int) -> None:
    assert search("NAME", "Ilse Vargasdottir").count(text) == count
