"""Random codes in the shape of a given one: digits for digits, letters for letters."""

from __future__ import annotations

import string
from random import SystemRandom
from typing import Final

import regex

RANDOM: Final = SystemRandom()
"""The operating system's randomness: nothing drawn can be computed from the data."""


def same_shape(text: str) -> str:
    """Return a random code with a digit for each digit and a letter for each letter.

    Case and all other characters stay. A leading zero stays one, and another digit does not
    become one: ids are often padded to a width.
    """
    drawn = []
    leading = True
    for character in text:
        if character.isdecimal():
            if leading and character == "0":
                drawn.append("0")
                continue
            drawn.append(RANDOM.choice("123456789" if leading else string.digits))
            leading = False
        elif character.isalpha():
            letter = RANDOM.choice(string.ascii_uppercase)
            drawn.append(letter if character.isupper() else letter.lower())
        else:
            drawn.append(character)
            leading = True
    return "".join(drawn)


def ssn(text: str) -> str:
    """Return a number in the form of a social security number that was never one.

    Areas from 900 are not issued; groups up to 49 there are no taxpayer number either.
    """
    if sum(character.isdecimal() for character in text) != 9:
        return same_shape(text)
    area, group, serial = RANDOM.randrange(100), RANDOM.randrange(1, 50), RANDOM.randrange(10_000)
    return _fill(text, f"9{area:02d}{group:02d}{serial:04d}")


def phone(text: str) -> str:
    """Return a phone number in the same form.

    A North American one gets an exchange that is reserved for fiction (555-0100 to 555-0199);
    another keeps its country code and gets random digits.
    """
    extension = regex.search(r"(?:ext\.?|x|extension)\s*\d+\s*$", text, flags=regex.IGNORECASE)
    body, rest = (text[: extension.start()], extension.group()) if extension else (text, "")
    digits = "".join(character for character in body if character.isdecimal())
    country = "1" if len(digits) == 11 and digits[0] == "1" else ""
    if regex.fullmatch(r"[2-9]\d{9}", digits[len(country) :]):
        area, line = RANDOM.randrange(200, 1000), RANDOM.randrange(100)
        return _fill(body, f"{country}{area}55501{line:02d}") + _digits_only(rest)
    prefix = regex.match(r"\s*\+\s?\d{1,3}(?=[\s(.-])", body)
    kept = prefix.group() if prefix else ""
    return kept + _digits_only(body[len(kept) :]) + _digits_only(rest)


def _digits_only(text: str) -> str:
    """Draw new digits; the words (``ext.``) stay."""
    return str(regex.sub(r"\d+", lambda match: same_shape(match.group()), text))


def ip(text: str) -> str:
    """Return an address from the ranges reserved for documentation (RFC 5737, RFC 3849)."""
    if ":" in text:
        return "2001:db8::" + ":".join(f"{RANDOM.randrange(1, 0x10000):x}" for _ in range(3))
    block = RANDOM.choice(("192.0.2", "198.51.100", "203.0.113"))
    return f"{block}.{RANDOM.randrange(1, 255)}"


def _fill(text: str, digits: str) -> str:
    """Set digits in the places of a text's digits."""
    source = iter(digits)
    return "".join(next(source) if character.isdecimal() else character for character in text)
