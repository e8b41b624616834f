"""Check digits and issuing rules: what tells a real number from one that only looks like it.

Every function takes the number as printed (spaces, dots and dashes are ignored) and says whether
it could have been issued. None of them raises, whatever the text.
"""

from __future__ import annotations

import re
from typing import Final

_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Za-z]")
_VIN_VALUES: Final = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        map(int, "012345678912345678123457923456789"),
        strict=True,
    )
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_NPI_PREFIX: Final = "80840"
_IBAN_SHORTEST: Final = 15
_IBAN_LONGEST: Final = 34


def _compact(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text).upper()


def _digits(text: str) -> str:
    compact = _compact(text)
    return compact if compact.isascii() and compact.isdigit() else ""


def luhn(text: str) -> bool:
    """Return whether the digits carry a Luhn check digit (ISO/IEC 7812-1, annex B)."""
    digits = _digits(text)
    if len(digits) < 2:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def credit_card(text: str) -> bool:
    """Return whether this is a payment card number: 13 to 19 digits, known issuer, Luhn."""
    digits = _digits(text)
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and luhn(digits)


def npi(text: str) -> bool:
    """Return whether this is a US National Provider Identifier.

    Ten digits, the first 1 or 2, Luhn over the number prefixed with 80840 (45 CFR 162.406).
    """
    digits = _digits(text)
    return len(digits) == 10 and digits[0] in "12" and luhn(_NPI_PREFIX + digits)


def dea(text: str) -> bool:
    """Return whether this is a US Drug Enforcement Administration registration number.

    Two letters (or a letter and 9) and seven digits, of which the last is the last digit of
    ``(d1 + d3 + d5) + 2 * (d2 + d4 + d6)``.
    """
    compact = _compact(text)
    if not re.fullmatch(r"[A-Z][A-Z9][0-9]{7}", compact):
        return False
    d = [int(digit) for digit in compact[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def ssn(text: str) -> bool:
    """Return whether the Social Security Administration could have issued this number.

    Area not 000, 666 or 900 and above, group not 00, serial not 0000 (20 CFR 422.103 and the
    randomisation notice of 2011). Numbers that fail may still be typed as one in a record.
    """
    digits = _digits(text)
    if len(digits) != 9:
        return False
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def nhs(text: str) -> bool:
    """Return whether this is an NHS number of England and Wales: ten digits, modulus 11."""
    digits = _digits(text)
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    check = 11 - total % 11
    return check != 10 and check % 11 == int(digits[9])


def iban(text: str) -> bool:
    """Return whether this is an International Bank Account Number (ISO 13616, modulus 97)."""
    compact = _compact(text)
    if not _IBAN_SHORTEST <= len(compact) <= _IBAN_LONGEST:
        return False
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", compact):
        return False
    rearranged = compact[4:] + compact[:4]
    return int("".join(str(int(character, 36)) for character in rearranged)) % 97 == 1


def vin(text: str) -> bool:
    """Return whether this is a vehicle identification number with check digit (49 CFR 565.15)."""
    compact = _compact(text)
    if len(compact) != 17 or any(character not in _VIN_VALUES for character in compact):
        return False
    total = sum(_VIN_VALUES[c] * weight for c, weight in zip(compact, _VIN_WEIGHTS, strict=True))
    return compact[8] == ("X" if total % 11 == 10 else str(total % 11))
