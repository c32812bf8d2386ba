"""GTINs: the numbers under barcodes, of 8, 12, 13 or 14 digits, the last of which checks the rest.

The same item has all of them: a shorter one is a longer one without the zeros before it.
"""

from typing import Final

from hub.domain.errors import InvalidInput

LENGTHS: Final = (8, 12, 13, 14)
"""Digits: EAN-8, UPC-A, EAN-13 and GTIN-14."""


def gtin_of(text: str, digits: int, field: str) -> str:
    """A GTIN in so many digits. Raises `InvalidInput` for what is none, for a digit that does not
    check, and for one that needs more digits than that."""
    if not (text.isascii() and text.isdecimal() and len(text) in LENGTHS):
        lengths = ", ".join(map(str, LENGTHS))
        raise InvalidInput(field=field, problem=f"{text!r} is no GTIN: one of {lengths} digits")
    expected = check_digit_of(text[:-1])
    if text[-1] != expected:
        problem = f"{text} is no GTIN: its last digit would be {expected}"
        raise InvalidInput(field=field, problem=problem)
    shortest = text.lstrip("0")
    if len(shortest) > digits:
        raise InvalidInput(field=field, problem=f"{text} has more than {digits} digits")
    return shortest.zfill(digits)


def check_digit_of(digits: str) -> str:
    """The last digit of the GTIN that begins with these."""
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)
