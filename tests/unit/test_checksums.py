"""Check digits accept numbers that were issued so and refuse every slip of one digit."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nescio.search import checksums

# Published specimen numbers of the schemes themselves; none belongs to anybody.
VALID = [
    (checksums.luhn, "79927398713"),
    (checksums.credit_card, "4111 1111 1111 1111"),
    (checksums.credit_card, "3782-822463-10005"),
    (checksums.npi, "1234567893"),
    (checksums.dea, "AB1234563"),
    (checksums.dea, "F91234563"),
    (checksums.ssn, "219-09-9999"),
    (checksums.nhs, "943 476 5919"),
    (checksums.iban, "GB82 WEST 1234 5698 7654 32"),
    (checksums.iban, "DE89370400440532013000"),
    (checksums.iban, "FR14 2004 1010 0505 0001 3M02 606"),
    (checksums.vin, "1M8GDM9AXKP042788"),
    (checksums.vin, "5GZCZ43D13S812715"),
]
INVALID = [
    (checksums.luhn, "79927398710"),
    (checksums.luhn, ""),
    (checksums.luhn, "7"),
    (checksums.credit_card, "4111 1111 1111 1112"),
    (checksums.credit_card, "0000 0000 0000 0000"),
    (checksums.credit_card, "4111 1111"),
    (checksums.npi, "1234567890"),
    (checksums.npi, "3234567893"),
    (checksums.npi, "123456789"),
    (checksums.dea, "AB1234567"),
    (checksums.dea, "1B1234563"),
    (checksums.ssn, "000-12-3456"),
    (checksums.ssn, "666-12-3456"),
    (checksums.ssn, "900-12-3456"),
    (checksums.ssn, "219-00-9999"),
    (checksums.ssn, "219-09-0000"),
    (checksums.ssn, "219-09-999"),
    (checksums.nhs, "943 476 5918"),
    (checksums.nhs, "000 000 0000"),
    (checksums.iban, "GB83 WEST 1234 5698 7654 32"),
    (checksums.iban, "GB82"),
    (checksums.iban, "1234 5678 9012 3456"),
    (checksums.vin, "1M8GDM9AXKP042789"),
    (checksums.vin, "1M8GDM9AXKP04278I"),
]
SINGLE_SLIP = [
    (checksums.luhn, "79927398713"),
    (checksums.npi, "1234567893"),
    (checksums.nhs, "9434765919"),
    (checksums.iban, "GB82WEST12345698765432"),
]
ALL = sorted({check for check, _ in VALID}, key=lambda check: check.__name__)


@pytest.mark.parametrize(
    ("check", "number"), VALID, ids=[f"{c.__name__}-{i}" for i, (c, _) in enumerate(VALID)]
)
def test_accepts_a_number_that_was_issued_so(check, number) -> None:
    assert check(number)


@pytest.mark.parametrize(
    ("check", "number"), INVALID, ids=[f"{c.__name__}-{i}" for i, (c, _) in enumerate(INVALID)]
)
def test_refuses_a_number_that_cannot_be(check, number) -> None:
    assert not check(number)


@pytest.mark.parametrize(("check", "number"), SINGLE_SLIP, ids=[c.__name__ for c, _ in SINGLE_SLIP])
def test_refuses_every_slip_of_one_digit(check, number: str) -> None:
    slips = [
        number[:place] + digit + number[place + 1 :]
        for place, right in enumerate(number)
        if right.isdigit()
        for digit in string.digits
        if digit != right
    ]
    assert sum(map(check, slips)) == 0


@given(st.text())
def test_no_text_makes_a_check_fail(text: str) -> None:
    assert all(check(text) in (True, False) for check in ALL)


@given(st.integers(0, 10**15))
def test_one_check_digit_in_ten_completes_a_luhn_number(number: int) -> None:
    assert sum(checksums.luhn(f"{number:02d}{digit}") for digit in range(10)) == 1
