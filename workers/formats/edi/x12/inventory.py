"""X12 846: what stock there is, item by item."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from workers.formats.edi.faults import BadElement, Fault, warning
from workers.formats.edi.options import Options, Role
from workers.formats.edi.segments import Segment
from workers.formats.edi.stock import (
    BY_STORE,
    Amount,
    Report,
    StockLine,
    UnknownQuantities,
    in_units,
    quantity_of,
)
from workers.formats.edi.supply import arrival_of
from workers.formats.edi.x12.document import (
    PAIRS_FROM_LIN,
    SetContext,
    item_of,
    moment_in,
    party_of,
    whole,
)
from workers.formats.reading import Change

_ORDER_REFERENCES: Final = ("PO", "CO", "VN", "OP")


def read_inventory(body: Iterator[Segment], context: SetContext) -> Iterator[Change | Fault]:
    """The stock of an 846, one line after the other."""
    reader = _Inventory(context)
    for segment in body:
        yield from reader.take(segment)
    yield from reader.close_line()


class _Inventory:
    def __init__(self, context: SetContext) -> None:
        self._options: Options = context.options
        self._report = Report(
            context.sent_at,
            context.options.location or context.sender,
            context.options.snapshot is True,
        )
        self._group_time = context.sent_at
        self._line: StockLine | None = None
        self._place: str | None = None
        """The place of this line that quantities which follow belong to."""
        self._places = 0
        self._unplaced_only = True
        self._dates: dict[str, datetime] = {}
        self._unknown = UnknownQuantities()
        self._handlers: dict[str, Callable[[Segment], Iterator[Fault]]] = {
            "BIA": self._begin,
            "DTM": self._date,
            "N1": self._party,
            "LOC": self._location,
            "REF": self._reference,
            "QTY": self._quantity,
            "SDQ": self._stores,
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
        if self._line is None:
            return
        if self._places == 1 and self._unplaced_only and self._place is not None:
            # The only place of the line, told after its quantities.
            self._line.place_from(0, self._place)
        yield from self._line.readings(self._report)
        self._line = None

    def _open_line(self, segment: Segment) -> None:
        self._line = StockLine(segment, self._options)
        self._line.sku = item_of(segment, PAIRS_FROM_LIN, self._options)
        self._place, self._places, self._unplaced_only = None, 0, True
        self._dates = {}

    def _begin(self, segment: Segment) -> Iterator[Fault]:
        options = self._options
        told = moment_in(segment, 4, 5, options)
        if isinstance(told, Fault):
            yield told
            told = None
        group = self._group_time
        if told is not None and not segment.get(5) and group and group.date() == told.date():
            # A date without its time: the group that it was sent in has one.
            told = group
        snapshot = options.snapshot
        if not isinstance(snapshot, bool):
            snapshot = segment.get(1) in snapshot
        self._report = self._report._replace(as_of=told or self._report.as_of, snapshot=snapshot)

    def _date(self, segment: Segment) -> Iterator[Fault]:
        qualifier = segment.get(1)
        as_of = qualifier in self._options.as_of_dates
        if not as_of and qualifier not in (*self._options.eta_dates, *self._options.ship_dates):
            return
        moment = moment_in(segment, 2, 3, self._options, 4)
        if isinstance(moment, Fault):
            yield moment
        elif moment is not None and as_of and self._line is None:
            self._report = self._report._replace(as_of=moment)
        elif moment is not None and as_of and self._line is not None:
            self._line.as_of = moment
        elif moment is not None and self._line is not None:
            self._dates[qualifier] = moment
            eta = arrival_of(self._dates, self._options)
            if eta is not None:
                self._line.expect_last(eta)

    def _party(self, segment: Segment) -> Iterator[Fault]:
        if segment.get(1) not in self._options.location_parties:
            return
        place = party_of(segment)
        if not place:
            yield warning("NO_LOCATION", "names a place without its id", segment)
        elif self._line is None:
            if self._options.location is None:
                self._report = self._report._replace(location=place)
        else:
            self._place = place
            self._places += 1

    def _location(self, segment: Segment) -> Iterator[Fault]:
        place = whole(segment, 2)
        if self._line is not None and place:
            self._line.place_last(place)
        yield from ()

    def _reference(self, segment: Segment) -> Iterator[Fault]:
        if segment.get(1) in _ORDER_REFERENCES and whole(segment, 2):
            if self._line is None:
                self._report = self._report._replace(document=whole(segment, 2))
            else:
                self._line.document = whole(segment, 2)
        yield from ()

    def _quantity(self, segment: Segment) -> Iterator[Fault]:
        if self._line is None:
            return
        qualifier = segment.get(1)
        role = self._options.quantities.get(qualifier)
        if role is None:
            role = Role.IGNORED
            yield from self._unknown.tell(qualifier, segment)
        quantity = 0
        if role is not Role.IGNORED:
            unit = segment.get(3)
            quantity = in_units(quantity_of(segment, 2), unit, segment, 3, self._options)
        self._dates = {}
        if self._place is not None:
            self._unplaced_only = False
        yield from self._line.add(Amount(role, qualifier, quantity, self._place, segment))

    def _stores(self, segment: Segment) -> Iterator[Fault]:
        """SDQ: the quantity before it, or what is available, store by store."""
        if self._line is None:
            return
        role = self._line.last_role or Role.AVAILABLE
        for place in range(3, len(segment.elements) - 1, 2):
            store = whole(segment, place)
            if not store and not segment.get(place + 1):
                continue
            unit = segment.get(1)
            quantity = in_units(quantity_of(segment, place + 1), unit, segment, 1, self._options)
            yield from self._line.add(Amount(role, BY_STORE, quantity, store, segment))
