"""One-line builders for test data. Quantities go in as units (3, 0.5), times as offsets from NOW.

The shop is small: items MUG and LAMP, locations BER and HAM, a channel `web` that sells from both.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from hub.domain import commands as c
from hub.domain.item import Item
from hub.domain.policies import Channel, Policy, Rules
from hub.domain.position import Position
from hub.domain.values import ChannelId, Line, LocationId, Quantity, Sku

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
ORIGIN = c.Origin("tester")
HOLD_SECONDS = 600

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
) -> Item:
    """An item; `safety` and `low` are its own policy."""
    return Item(sku, category, discontinued, units(step), _units(safety), _units(low))


def position(
    location: LocationId = "BER",
    on_hand: Amount = 0,
    *,
    sku: Sku = "MUG",
    unavailable: Amount = 0,
    allocated: Amount = 0,
    reserved: Amount = 0,
    incoming: Amount = 0,
    lapsed: Amount = 0,
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
        incoming=units(incoming),
        shortfall=max(0, -free),
        version=version,
        counted_at=counted_at,
        lapsed=units(lapsed),
        next_supply_at=next_supply_at,
    )


def channel(id: ChannelId = "web", *pool: LocationId) -> Channel:
    """A channel that sells from these locations, first one first."""
    return Channel(id, id.title(), "en", "EUR", pool or ("BER", "HAM"))


def policy(safety: Amount | None = None, low: Amount | None = None) -> Policy:
    """What a rule says."""
    return Policy(_units(safety), _units(low))


def rules(
    policies: Mapping[tuple[str, str], Policy] | None = None,
    channels: Iterable[Channel] = (),
    default: ChannelId | None = "web",
) -> Rules:
    """Rules of a shop with these channels; CPH is a location that serves none by itself."""
    known = {one.id: one for one in (channel(), *channels)}
    places = {place for one in known.values() for place in one.pool}
    return Rules(known, frozenset({*places, "CPH"}), policies or {}, default)


def reserve(
    *lines: tuple[Sku, Amount],
    id: str = "hold",
    channel: ChannelId = "web",
    holder: str | None = None,
    seconds: int = HOLD_SECONDS,
) -> c.Reserve:
    """Hold these lines: `reserve(("MUG", 2))`."""
    wanted = tuple(Line(sku, units(amount)) for sku, amount in lines)
    return c.Reserve(id, wanted, channel, holder, seconds, ORIGIN)


def extend(id: str = "hold", seconds: int = HOLD_SECONDS) -> c.ExtendReservation:
    """Let a hold last from now on."""
    return c.ExtendReservation(id, seconds, ORIGIN)


def commit(id: str = "hold", order: str = "O-1") -> c.CommitReservation:
    """Allocate a hold to an order."""
    return c.CommitReservation(id, order, ORIGIN)


def release(id: str = "hold", reason: str | None = None) -> c.ReleaseReservation:
    """Give a hold back."""
    return c.ReleaseReservation(id, reason, ORIGIN)


def expire(id: str = "hold") -> c.ExpireReservation:
    """End a hold if it is due."""
    return c.ExpireReservation(id, ORIGIN)


def set_stock(
    on_hand: Amount,
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    as_of: datetime | None = None,
    unavailable: Amount | None = None,
    if_version: int | None = None,
    reason: str | None = None,
) -> c.SetStock:
    """An absolute count."""
    return c.SetStock(
        sku,
        location,
        units(on_hand),
        ORIGIN,
        as_of,
        _units(unavailable),
        if_version,
        reason,
    )


def adjust(delta: Amount, location: LocationId = "BER", sku: Sku = "MUG") -> c.AdjustStock:
    """A change of the units on hand."""
    return c.AdjustStock(sku, location, units(delta), "found or lost", ORIGIN)


def schedule(
    quantity: Amount,
    location: LocationId = "BER",
    sku: Sku = "MUG",
    *,
    document: str = "PO-1",
    eta: datetime | None = None,
) -> c.ScheduleSupply:
    """An expected receipt; three days from NOW unless told."""
    return c.ScheduleSupply(sku, location, units(quantity), eta or later(days=3), document, ORIGIN)


def receive(
    quantity: Amount, location: LocationId = "BER", sku: Sku = "MUG", *, document: str = "PO-1"
) -> c.ReceiveSupply:
    """Units that arrived."""
    return c.ReceiveSupply(sku, location, units(quantity), document, ORIGIN)


def line(
    sku: Sku, amount: Amount, hold: str | None = None, location: LocationId | None = None
) -> c.OrderLine:
    """A line of an order event."""
    return c.OrderLine(sku, units(amount), hold, location)


def place(
    *lines: c.OrderLine, order: str = "O-1", id: str | None = None, channel: ChannelId = "web"
) -> c.PlaceOrder:
    """An order a shop took; its own allocation is named after it unless told."""
    return c.PlaceOrder(order, channel, lines, id or f"of-{order}", ORIGIN)


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
