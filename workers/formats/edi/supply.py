"""What a document says is coming, gathered by order line."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.values import Quantity, identifier_from, quantity_exact
from workers.formats.edi.faults import Fault, error
from workers.formats.edi.options import Options
from workers.formats.edi.segments import Segment
from workers.formats.reading import Change, Place

MAX_SUPPLY_LINES: Final = 100_000
"""Of one document: they are kept until its end, because several packs may hold the same line."""


class SupplyKey(NamedTuple):
    """An expected receipt."""

    sku: str
    location: str
    document: str


class _Supply(NamedTuple):
    quantity: Quantity
    least: Quantity
    eta: datetime | None
    segment: Segment


def document_of(order: str, line: str) -> str:
    """The name of an order's line, the same whether the sender writes 1 or 0001."""
    line = line.strip()
    short = line.lstrip("0") or "0" if line.isdigit() else line
    return f"{order}/{short}" if line else order


def supply_key(
    sku: str | None, location: str, document: str, segment: Segment, options: Options
) -> SupplyKey | Fault:
    """The names of an expected receipt, or what is wrong with them."""
    if not sku:
        kinds = ", ".join(options.sku)
        return error("NO_ITEM", f"names no item by one of {kinds} (option sku)", segment, None, "8")
    if not document:
        return error("NO_ORDER", "names no order that it belongs to", segment, None, "3")
    try:
        return SupplyKey(
            identifier_from(sku, "sku"),
            identifier_from(location, "location"),
            identifier_from(document, "document"),
        )
    except InvalidInput as refused:
        problem = f"{refused.data['field']} {refused.data['problem']}"
        return error("BAD_ELEMENT", problem, segment)


def arrival_of(dates: Mapping[str, datetime], options: Options) -> datetime | None:
    """When it arrives, by the dates that are told, each by its qualifier."""
    for qualifier in options.eta_dates:
        if qualifier in dates:
            return dates[qualifier]
    if options.transit_days is not None:
        for qualifier in options.ship_dates:
            if qualifier in dates:
                return dates[qualifier] + timedelta(days=options.transit_days)
    return None


class Shipment:
    """Adds up what a document ships of each order line."""

    def __init__(self) -> None:
        self._lines: dict[SupplyKey, _Supply] = {}

    def add(
        self,
        key: SupplyKey,
        quantity: Quantity,
        least: Quantity,
        eta: datetime | None,
        segment: Segment,
    ) -> Iterator[Fault]:
        """So many more are on their way; of the order line, at least `least` come in all."""
        known = self._lines.get(key)
        if known is None and len(self._lines) >= MAX_SUPPLY_LINES:
            problem = f"is left out: a document holds up to {MAX_SUPPLY_LINES} order lines"
            yield error("TOO_MANY_LINES", problem, segment)
            return
        if known is not None:
            # The last of it counts: who promises the first date would be late for the rest.
            etas = [one for one in (known.eta, eta) if one is not None]
            quantity, least = known.quantity + quantity, max(known.least, least)
            eta, segment = max(etas, default=None), known.segment
        self._lines[key] = _Supply(quantity, least, eta, segment.bare())

    def changes(self, told_at: datetime | None) -> Iterator[Change]:
        """What is expected now of each order line."""
        for key, line in self._lines.items():
            quantity = max(line.quantity, line.least)
            yield supply_change(key, quantity, line.eta, line.segment, told_at)


def supply_change(
    key: SupplyKey,
    quantity: Quantity,
    eta: datetime | None,
    segment: Segment,
    told_at: datetime | None,
) -> Change:
    """With a date an expected receipt, without one another quantity of a known one."""
    data: dict[str, Any] = {**key._asdict(), "quantity": quantity_exact(quantity)}
    if eta is not None:
        data["eta"] = eta.isoformat()
    kind = "supply.changed" if eta is None else "supply.scheduled"
    return Change(kind, data, Place(segment.number, segment.tag), told_at)
