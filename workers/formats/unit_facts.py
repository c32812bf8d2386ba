"""Totals that only grow, told as one fact a unit: telling the total again tells nothing new."""

from collections.abc import Iterator
from typing import Final

from hub.domain.errors import InvalidInput

MAX_UNITS: Final = 1_000
"""Units of one line: each is an event of its own."""


def unit_keys(total: int, path: str) -> Iterator[str]:
    """A key for each unit of a total: those of a lower total told before are among them.

    `InvalidInput` with `path` beyond `MAX_UNITS`.
    """
    if total > MAX_UNITS:
        problem = f"{total} units are too many to tell apart; at most {MAX_UNITS}"
        raise InvalidInput(field=path, problem=problem)
    return (str(number) for number in range(1, total + 1))
