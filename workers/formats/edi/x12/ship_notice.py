"""X12 856: what a supplier has shipped, and when it arrives.

Its levels (HL) nest: shipment, order, pack, item. An item belongs to the order above it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from workers.formats.edi.faults import BadElement, Fault, error, warning
from workers.formats.edi.segments import Segment
from workers.formats.edi.stock import in_units, quantity_of
from workers.formats.edi.supply import Shipment, arrival_of, document_of, supply_key
from workers.formats.edi.x12.document import (
    PAIRS_FROM_LIN,
    SetContext,
    item_of,
    moment_in,
    party_of,
    whole,
)
from workers.formats.reading import Change

_SHIPMENT: Final = "S"
_ORDER: Final = "O"
_LEVELS: Final = ("S", "O", "T", "P", "I")
_ABOVE_ORDERS: Final = (_SHIPMENT, "")


def read_ship_notice(body: Iterator[Segment], context: SetContext) -> Iterator[Change | Fault]:
    """The supply that an 856 announces, each order line once."""
    reader = _ShipNotice(context)
    for segment in body:
        try:
            yield from reader.take(segment)
        except BadElement as bad:
            yield bad.fault
    yield from reader.close_item()
    yield from reader.changes()


class _ShipNotice:
    def __init__(self, context: SetContext) -> None:
        self._options = context.options
        self._receiver = context.options.location or context.receiver
        self._told_at = context.sent_at
        self._shipment = Shipment()
        self._level = ""
        self._order = ""
        self._places: dict[str, str] = {}
        """Where it goes to, by level: an order may go to another place than its shipment."""
        self._dates: dict[str, dict[str, datetime]] = {}
        self._item: Segment | None = None
        self._shipped: Segment | None = None

    def take(self, segment: Segment) -> Iterator[Fault]:
        """The next segment."""
        if segment.tag == "HL":
            yield from self.close_item()
            self._enter(segment.get(3))
        elif segment.tag == "PRF":
            self._order = whole(segment, 1)
        elif segment.tag == "LIN":
            yield from self.close_item()
            self._item = segment
        elif segment.tag == "SN1":
            self._shipped = segment
        elif segment.tag == "DTM":
            yield from self._date(segment)
        elif segment.tag == "N1" and segment.get(1) in self._options.receiving_parties:
            self._places[self._level] = party_of(segment)

    def close_item(self) -> Iterator[Fault]:
        """Add up the item that ends here."""
        item, shipped = self._item, self._shipped
        self._item = self._shipped = None
        if item is None and shipped is None:
            return
        if item is None or shipped is None:
            lacking = "LIN" if item is None else "SN1"
            yield error("NO_ITEM", f"an item without {lacking} is left out", item or shipped)
            return
        try:
            yield from self._ship(item, shipped)
        except BadElement as bad:
            yield bad.fault

    def changes(self) -> Iterator[Change]:
        """What is expected now."""
        return self._shipment.changes(self._told_at)

    def _enter(self, level: str) -> None:
        # What was said of an earlier order, pack or item holds for that one only.
        self._level = level = level if level in _LEVELS else ""
        if level == _SHIPMENT:
            self._places.clear()
            self._dates.clear()
            self._order = ""
        elif level == _ORDER:
            self._places = {one: self._places[one] for one in _ABOVE_ORDERS if one in self._places}
            self._dates = {one: self._dates[one] for one in _ABOVE_ORDERS if one in self._dates}
            self._order = ""
        else:
            self._places.pop(level, None)
            self._dates.pop(level, None)

    def _date(self, segment: Segment) -> Iterator[Fault]:
        if segment.get(1) not in (*self._options.eta_dates, *self._options.ship_dates):
            return
        moment = moment_in(segment, 2, 3, self._options, 4)
        if isinstance(moment, Fault):
            yield moment
        elif moment is not None:
            self._dates.setdefault(self._level, {})[segment.get(1)] = moment

    def _ship(self, item: Segment, shipped: Segment) -> Iterator[Fault]:
        quantity = self._units(shipped, 2, 3)
        # Shipped of this order line so far, and ordered: the rest of it still comes.
        so_far = self._units(shipped, 4, 3) if shipped.get(4) else 0
        ordered = self._units(shipped, 5, 6) if shipped.get(5) else 0
        document = document_of(self._order, whole(item, 1)) if self._order else ""
        key = supply_key(
            item_of(item, PAIRS_FROM_LIN, self._options),
            self._place(),
            document,
            item,
            self._options,
        )
        if isinstance(key, Fault):
            yield key
            return
        eta = self._eta()
        if eta is None:
            problem = "is shipped, and no date of arrival is told"
            yield warning("NO_DATE", problem, item)
        yield from self._shipment.add(key, quantity, max(so_far, ordered), eta, item)

    def _units(self, shipped: Segment, place: int, unit: int) -> int:
        quantity = quantity_of(shipped, place)
        if quantity < 0:
            raise BadElement(error("BAD_ELEMENT", "must not be negative", shipped, place, "7"))
        return in_units(quantity, shipped.get(unit), shipped, unit, self._options)

    def _place(self) -> str:
        if self._options.location is not None:
            return self._options.location
        # The last level that named one is the nearest above the item.
        return next(reversed(self._places.values()), "") or self._receiver

    def _eta(self) -> datetime | None:
        for dates in reversed(self._dates.values()):
            if (eta := arrival_of(dates, self._options)) is not None:
                return eta
        return None
