"""X12 861: what has arrived."""

from collections.abc import Iterator

from hub.domain.values import quantity_exact
from workers.formats.edi.faults import BadElement, Fault, error, warning
from workers.formats.edi.segments import Segment
from workers.formats.edi.stock import in_units, quantity_of
from workers.formats.edi.supply import document_of, supply_key
from workers.formats.edi.x12.document import (
    PAIRS_FROM_LIN,
    SetContext,
    is_receiver,
    item_of,
    moment_in,
    party_of,
    whole,
)
from workers.formats.reading import Change, Place

_ORDER_REFERENCE = "PO"


def read_receipt(body: Iterator[Segment], context: SetContext) -> Iterator[Change | Fault]:
    """The receipts of an 861, line by line."""
    reader = _Receipt(context)
    for segment in body:
        yield from reader.take(segment)
    yield from reader.close_line()


class _Receipt:
    def __init__(self, context: SetContext) -> None:
        self._options = context.options
        self._location = context.options.location or context.receiver
        self._told_at = context.sent_at
        self._advice = ""
        self._order = self._line_order = ""
        self._number = 0
        self._line: Segment | None = None
        self._item: Segment | None = None

    def take(self, segment: Segment) -> Iterator[Change | Fault]:
        """The next segment, and what it completes."""
        if segment.tag == "RCD":
            yield from self.close_line()
            self._line, self._item, self._line_order = segment, None, ""
            self._number += 1
        elif segment.tag == "BRA":
            self._advice = whole(segment, 1)
            told = moment_in(segment, 2, 5, self._options)
            if isinstance(told, Fault):
                yield told
            elif told is not None:
                self._told_at = told
        elif segment.tag == "LIN":
            self._item = segment
        elif segment.tag == "PRF":
            self._refer(whole(segment, 1))
        elif segment.tag == "REF" and segment.get(1) == _ORDER_REFERENCE:
            self._refer(whole(segment, 2))
        elif is_receiver(segment, self._options) and self._line is None:
            self._location = party_of(segment) or self._location

    def close_line(self) -> Iterator[Change | Fault]:
        """The receipt that ends here."""
        line, self._line = self._line, None
        if line is None:
            return
        try:
            yield from self._receive(line)
        except BadElement as bad:
            yield bad.fault

    def _refer(self, order: str) -> None:
        if self._line is None:
            self._order = order
        else:
            self._line_order = order

    def _receive(self, line: Segment) -> Iterator[Change | Fault]:
        if self._item is None:
            yield error("NO_ITEM", "a receipt without LIN is left out", line, None, "3")
            return
        quantity = in_units(quantity_of(line, 2), line.get(3), line, 3, self._options)
        for place, what in ((4, "returned"), (6, "in question")):
            if line.get(place).strip("0. "):
                problem = f"{line.get(place)} {what}: they are not put on hand"
                yield warning("NOT_RECEIVED", problem, line, place)
        order = self._line_order or self._order
        number = whole(self._item, 1) or whole(line, 1)
        key = supply_key(
            item_of(self._item, PAIRS_FROM_LIN, self._options),
            self._location,
            document_of(order, number) if order else "",
            line,
            self._options,
        )
        if isinstance(key, Fault):
            yield key
        elif quantity < 0:
            yield error("BAD_ELEMENT", "must not be negative", line, 2, "7")
        elif quantity:
            data = {**key._asdict(), "quantity": quantity_exact(quantity)}
            # Told twice it would be received twice, but for its id.
            id = f"861/{self._advice}/{self._number}" if self._advice else None
            yield Change("supply.received", data, Place(line.number, line.tag), self._told_at, id)
