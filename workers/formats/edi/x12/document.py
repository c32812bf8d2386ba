"""What a transaction set is read with, whatever it is about."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from workers.formats.edi.faults import ELEMENT_DATE, Fault, warning
from workers.formats.edi.moments import x12_moment
from workers.formats.edi.options import Options
from workers.formats.edi.segments import Segment
from workers.formats.reading import Change

PAIRS_FROM_LIN: Final = 2
PAIRS_FROM_PO1: Final = 6


class SetContext(NamedTuple):
    """Where a transaction set stands."""

    options: Options
    sender: str
    receiver: str
    sent_at: datetime | None
    """By the functional group."""


TransactionReader = Callable[[Iterator[Segment], SetContext], Iterator[Change | Fault]]
"""Reads the segments between ST and SE, one at a time."""


class TransactionSet(NamedTuple):
    """A kind of transaction set that is known."""

    group: str
    """Its functional identifier, GS01."""
    counted: Sequence[frozenset[str]]
    """Segments that CTT01 may count; senders differ."""
    read: TransactionReader


def item_of(segment: Segment, first: int, options: Options) -> str | None:
    """The item number by the qualifier that the source wants most; qualifiers stand in every
    second element from `first`."""
    numbers: dict[str, str] = {}
    for place in range(first, len(segment.elements) - 1, 2):
        if number := whole(segment, place + 1):
            numbers.setdefault(segment.get(place), number)
    return next((numbers[kind] for kind in options.sku if kind in numbers), None)


def whole(segment: Segment, element: int) -> str:
    """An element that has no components, though it may hold the character that parts them."""
    if element >= len(segment.elements):
        return ""
    parts = segment.elements[element]
    return parts[0].strip() if len(parts) == 1 else ":".join(parts).strip()


def party_of(segment: Segment) -> str:
    """The id of the party of an N1, else its name."""
    return whole(segment, 4) or whole(segment, 2)


def is_receiver(segment: Segment, options: Options) -> bool:
    """Whether an N1 names where supply arrives, and the source lets it."""
    named = segment.tag == "N1" and segment.get(1) in options.receiving_parties
    return named and options.location is None


def moment_in(
    segment: Segment, date: int, time: int, options: Options, zone_code: int | None = None
) -> datetime | Fault | None:
    """The moment in two elements; None where there is no date."""
    text = segment.get(date)
    if not text or not text.strip("0"):
        return None
    code = "" if zone_code is None else segment.get(zone_code)
    try:
        return x12_moment(text, segment.get(time), options.time_zone, code)
    except ValueError as bad:
        return warning("BAD_DATE", str(bad), segment, date, ELEMENT_DATE)


def told_without_stock(name: str) -> TransactionReader:
    """Reads a set that carries no stock: says so, and passes over it."""

    def read(body: Iterator[Segment], context: SetContext) -> Iterator[Change | Fault]:
        for number, segment in enumerate(body):
            if number == 0:
                problem = f"{name} carries no stock; it was passed over"
                yield warning("NO_STOCK", problem, segment)

    return read
