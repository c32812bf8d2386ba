"""One-line builders for test data. Quantities go in as units (3, 0.5), times as offsets from NOW.

The shop is small: items MUG and LAMP, locations BER and HAM, a channel `web` that sells from both.
What is done to stock and orders is in here too; what is done to holds is in `holds`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from hub.domain import commands as c
from hub.domain.item import Item
from hub.domain.policies import Channel, Policy, Rules
from hub.domain.position import Position
from hub.domain.sourcing import FEWEST_PARCELS, STRATEGIES, Place, Strategy
from hub.domain.values import ChannelId, Line, LocationId, Quantity, Sku

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
ORIGIN = c.Origin("tester")

Amount = int | float
"""Units, as a person says them."""


def units(amount: Amount) -> Quantity:
    """Thousandths of a number of units."""
    return round(amount * 1000)


def later(seconds: float = 0, *, days: int = 0) -> datetime:
    """So much after NOW; before it, when negative."""
    return NOW + timedelta(days=days, seconds=seconds)


def item(
    sku: Sku = "MUG",
    category: str | None = None,
    *,
    discontinued: bool = False,
    step: Amount = 1,
    safety: Amount | None = None,
    low: Amount | None = None,
    backorders: Amount | None = None,
    preorders: Amount | None = None,
    released: datetime | None = None,
) -> Item:
    """An item; `safety`, `low`, `backorders` and `preorders` are its own policy."""
    policies = safety, low, backorders, preorders
    return Item(sku, category, discontinued, units(step), released, *map(_units, policies))


def position(
    location: LocationId = "BER",
    on_hand: Amount = 0,
    *,
    sku: Sku = "MUG",
    unavailable: Amount = 0,
    allocated: Amount = 0,
    reserved: Amount = 0,
    backordered: Amount = 0,
    incoming: Amount = 0,
    lapsed: Amount = 0,
    own: Amount = 0,
    version: int = 1,
    counted_at: datetime | None = None,
    next_supply_at: datetime | None = None,
) -> Position:
    """A position whose shortfall is what its promises lack."""
    free = units(on_hand) - units(unavailable) - units(allocated) - units(reserved)
    return Position(
        sku=sku,
        location=location,
        on_hand=units(on_hand),
        unavailable=units(unavailable),
        allocated=units(allocated),
        reserved=units(reserved),
        backordered=units(backordered),
        incoming=units(incoming),
        shortfall=max(0, -free),
        version=version,
        counted_at=counted_at,
        lapsed=units(lapsed),
        own=units(own),
        next_supply_at=next_supply_at,
    )


def channel(id: ChannelId = "web", *pool: LocationId, sourcing: str = FEWEST_PARCELS) -> Channel:
    """A channel that sells from these locations, first one first."""
    return Channel(id, id.title(), "en", "EUR", pool or ("BER", "HAM"), sourcing)


def policy(
    safety: Amount | None = None,
    low: Amount | None = None,
    backorders: Amount | None = None,
    preorders: Amount | None = None,
) -> Policy:
    """What a rule says."""
    return Policy(*map(_units, (safety, low, backorders, preorders)))


def kit(**components: Amount) -> tuple[Line, ...]:
    """What one of a kit is made of: `kit(MUG=2, LAMP=1)`."""
    return tuple(Line(sku, units(amount)) for sku, amount in components.items())


def rules(
    policies: Mapping[tuple[str, str], Policy] | None = None,
    channels: Iterable[Channel] = (),
    default: ChannelId | None = "web",
    kits: Mapping[Sku, tuple[Line, ...]] | None = None,
    places: Mapping[LocationId, Place] | None = None,
    strategies: Mapping[str, Strategy] = STRATEGIES,
) -> Rules:
    """Rules of a shop with these channels; CPH is a location that serves none by itself."""
    known = {one.id: one for one in (channel(), *channels)}
    pools = {location for one in known.values() for location in one.pool}
    locations = dict.fromkeys(sorted({*pools, "CPH"}), Place()) | dict(places or {})
    return Rules(known, locations, policies or {}, default, kits=kits, strategies=strategies)


def set_stock(
    on_hand: Amount,
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    as_of: datetime | None = None,
    unavailable: Amount | None = None,
    if_version: int | None = None,
    if_on_hand: Amount | None = None,
    reason: str | None = None,
    orders_to: datetime | None = None,
    order: str | None = None,
) -> c.SetStock:
    """An absolute count; with `orders_to` or `order` it has those orders taken off already."""
    return c.SetStock(
        sku,
        location,
        units(on_hand),
        ORIGIN,
        as_of,
        _units(unavailable),
        if_version,
        _units(if_on_hand),
        reason,
        orders_to,
        order,
    )


def adjust(
    delta: Amount,
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    if_version: int | None = None,
    if_on_hand: Amount | None = None,
) -> c.AdjustStock:
    """A change of the units on hand."""
    why = "found or lost"
    return c.AdjustStock(sku, location, units(delta), why, ORIGIN, if_version, _units(if_on_hand))


def mark(
    quantity: Amount,
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    condition: c.Condition = c.Condition.DAMAGED,
    reason: str | None = None,
) -> c.MarkUnavailable:
    """Take units out of sale, or, below 0, back into it."""
    return c.MarkUnavailable(sku, location, units(quantity), condition, reason, ORIGIN)


def move(
    quantity: Amount,
    start: LocationId = "BER",
    end: LocationId = "HAM",
    sku: Sku = "MUG",
    reason: str | None = None,
) -> c.TransferStock:
    """Carry units from one location to another."""
    return c.TransferStock(sku, start, end, units(quantity), reason, ORIGIN)


def schedule(
    quantity: Amount,
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    document: str = "PO-1",
    eta: datetime | None = None,
    told_at: datetime | None = None,
) -> c.ScheduleSupply:
    """An expected receipt; three days from NOW unless told."""
    due = eta or later(days=3)
    return c.ScheduleSupply(sku, location, units(quantity), due, document, ORIGIN, told_at)


def reschedule(
    quantity: Amount | None = None,
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    document: str = "PO-1",
    eta: datetime | None = None,
    told_at: datetime | None = None,
) -> c.ChangeSupply:
    """Another quantity or date for an expected receipt."""
    return c.ChangeSupply(sku, location, _units(quantity), eta, document, ORIGIN, told_at)


def call_off(
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    document: str = "PO-1",
    told_at: datetime | None = None,
) -> c.CancelSupply:
    """Nothing more of a receipt will come."""
    return c.CancelSupply(sku, location, document, ORIGIN, told_at)


def receive(
    quantity: Amount, location: LocationId = "BER", sku: Sku = "MUG", *, document: str = "PO-1"
) -> c.ReceiveSupply:
    """Units that arrived."""
    return c.ReceiveSupply(sku, location, units(quantity), document, ORIGIN)


def settle(sku: Sku = "MUG") -> c.SettleBackorders:
    """Give what has come in to those who wait."""
    return c.SettleBackorders(sku, ORIGIN)


def line(
    sku: Sku, amount: Amount, hold: str | None = None, location: LocationId | None = None
) -> c.OrderLine:
    """A line of an order event."""
    return c.OrderLine(sku, units(amount), hold, location)


def place(
    *lines: c.OrderLine,
    order: str = "O-1",
    id: str | None = None,
    channel: ChannelId = "web",
    ordered_at: datetime | None = None,
) -> c.PlaceOrder:
    """An order a shop took; its own allocation is named after it unless told."""
    return c.PlaceOrder(order, channel, lines, id or f"of-{order}", ORIGIN, ordered_at)


def cancel(*lines: c.OrderLine, order: str = "O-1") -> c.CancelOrder:
    """Cancel these lines, or with none all of the order."""
    return c.CancelOrder(order, lines or None, ORIGIN)


def ship(*lines: c.OrderLine, order: str = "O-1") -> c.ShipOrder:
    """Ship these lines, or with none all of the order."""
    return c.ShipOrder(order, lines or None, ORIGIN)


def take_back(*lines: c.OrderLine, order: str = "O-1") -> c.ReturnOrder:
    """Take these lines back, or with none all of the order."""
    return c.ReturnOrder(order, lines or None, ORIGIN)


def _units(amount: Amount | None) -> Quantity | None:
    return None if amount is None else units(amount)
