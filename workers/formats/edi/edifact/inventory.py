"""EDIFACT INVRPT: what stock there is, item by item."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from workers.formats.edi.edifact.message import (
    ORDER,
    ItemNumbers,
    MessageContext,
    dated,
    place_of,
    quantity_in,
)
from workers.formats.edi.faults import BadElement, Fault, warning
from workers.formats.edi.options import Role
from workers.formats.edi.segments import Segment
from workers.formats.edi.stock import Amount, Report, StockLine, UnknownQuantities
from workers.formats.edi.supply import arrival_of
from workers.formats.reading import Change

_NOT_GOOD: Final = {"2": "damaged", "4": "reserved"}
"""Types of inventory (7491) whose units are not those that can be sold."""


def read_inventory(body: Iterator[Segment], context: MessageContext) -> Iterator[Change | Fault]:
    """The stock of an INVRPT, one line after the other."""
    reader = _Inventory(context)
    for segment in body:
        yield from reader.take(segment)
    yield from reader.close_line()


class _Inventory:
    def __init__(self, context: MessageContext) -> None:
        self._options = context.options
        self._report = Report(
            context.sent_at,
            context.options.location or context.sender,
            context.options.snapshot is True,
        )
        self._line: StockLine | None = None
        self._numbers = ItemNumbers(context.options)
        self._place: str | None = None
        """The place that quantities which follow belong to, within their INV."""
        self._line_place: str | None = None
        """The place of what no nearer one is told for."""
        self._told = self._in_group = False
        """Whether there were quantities since the line or its newest INV began, and an INV."""
        self._group_at = 0
        """How many quantities the line had when its newest INV began."""
        self._not_good: str | None = None
        self._dates: dict[str, datetime] = {}
        self._unknown = UnknownQuantities()
        self._handlers: dict[str, Callable[[Segment], Iterator[Fault]]] = {
            "BGM": self._begin,
            "DTM": self._date,
            "NAD": self._location,
            "LOC": self._location,
            "PIA": self._number,
            "INV": self._inventory,
            "RFF": self._reference,
            "QTY": self._quantity,
        }

    def take(self, segment: Segment) -> Iterator[Change | Fault]:
        """The next segment, and what it completes."""
        handler = self._handlers.get(segment.tag)
        if segment.tag == "LIN":
            yield from self.close_line()
            self._open_line(segment)
        elif handler is not None:
            try:
                yield from handler(segment)
            except BadElement as bad:
                if self._line is None:
                    yield bad.fault
                else:
                    yield from self._line.refuse(bad.fault)

    def close_line(self) -> Iterator[Change | Fault]:
        """What the line says that ends here."""
        if self._line is not None:
            self._line.sku = self._numbers.wanted()
            if self._line_place is not None:
                self._line.place_from(0, self._line_place)
            yield from self._line.readings(self._report)
        self._line = None

    def _open_line(self, segment: Segment) -> None:
        if self._dates:
            # The header is complete: of its dates, that which the source wants most.
            wanted = (self._dates.get(kind) for kind in self._options.as_of_dates)
            as_of = next((one for one in wanted if one is not None), self._report.as_of)
            self._report = self._report._replace(as_of=as_of)
        self._line, self._numbers = StockLine(segment, self._options), ItemNumbers(self._options)
        self._numbers.take(segment)
        self._place = self._line_place = self._not_good = None
        self._group_at, self._told, self._in_group, self._dates = 0, False, False, {}

    def _begin(self, segment: Segment) -> Iterator[Fault]:
        snapshot = self._options.snapshot
        if not isinstance(snapshot, bool):
            snapshot = segment.get(3) in snapshot
        self._report = self._report._replace(snapshot=snapshot)
        yield from ()

    def _date(self, segment: Segment) -> Iterator[Fault]:
        told = dated(segment, self._options)
        if isinstance(told, Fault):
            yield told
        elif told is not None:
            qualifier, moment = told
            self._dates[qualifier] = moment
            if self._line is not None and qualifier in self._options.as_of_dates:
                self._line.as_of = moment
            elif self._line is not None and (eta := arrival_of(self._dates, self._options)):
                self._line.expect_last(eta)

    def _location(self, segment: Segment) -> Iterator[Fault]:
        kinds = self._options.location_places
        if segment.tag == "NAD":
            kinds = self._options.location_parties
        if segment.get(1) not in kinds:
            return
        place = place_of(segment)
        if not place:
            yield warning("NO_LOCATION", "names a place without its id", segment)
        elif self._line is None:
            if self._options.location is None:
                self._report = self._report._replace(location=place)
        elif self._told:
            # The place follows the quantities of its group.
            self._line.place_from(self._group_at, place)
        elif self._in_group:
            self._place = place
        else:
            self._line_place = place

    def _number(self, segment: Segment) -> Iterator[Fault]:
        self._numbers.take(segment)
        yield from ()

    def _inventory(self, segment: Segment) -> Iterator[Fault]:
        if self._line is not None:
            self._group_at = self._line.count
        self._place, self._told, self._in_group = None, False, True
        self._not_good = _NOT_GOOD.get(segment.get(2))
        yield from ()

    def _reference(self, segment: Segment) -> Iterator[Fault]:
        if segment.get(1) == ORDER and segment.get(1, 2):
            if self._line is None:
                self._report = self._report._replace(document=segment.get(1, 2))
            else:
                self._line.document = segment.get(1, 2)
        yield from ()

    def _quantity(self, segment: Segment) -> Iterator[Fault]:
        if self._line is None:
            return
        qualifier = segment.get(1)
        role = self._options.quantities.get(qualifier)
        if role is None:
            role = Role.IGNORED
            yield from self._unknown.tell(qualifier, segment)
        elif self._not_good and role in (Role.ON_HAND, Role.AVAILABLE):
            role = Role.IGNORED
            problem = f"is {self._not_good} inventory by its INV and was passed over"
            yield warning("NOT_SELLABLE", problem, segment, 1)
        quantity = 0 if role is Role.IGNORED else quantity_in(segment, self._options)
        self._dates, self._told = {}, True
        yield from self._line.add(Amount(role, qualifier, quantity, self._place, segment))
