"""How counts and people change stock: counts, adjustments, conditions, transfers, corrections."""

from datetime import datetime, timedelta
from typing import NamedTuple

from hub.domain.commands import (
    AdjustStock,
    CorrectDrift,
    CorrectPosition,
    CountCommand,
    MarkUnavailable,
    SetStock,
    SupplyCommand,
    TransferStock,
)
from hub.domain.errors import (
    InsufficientStock,
    InvalidInput,
    IsKit,
    StockConflict,
    UnknownLocation,
    UnknownOrder,
    UnknownSku,
    VersionConflict,
)
from hub.domain.ledger import Books, Cause, Ledger, WorkingPosition
from hub.domain.movements import MovementKind
from hub.domain.policies import Rules
from hub.domain.position import Position
from hub.domain.values import LocationId, Quantity, Sku, quantity_text

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clock of a source may be ahead of the database's."""


class StockChange(NamedTuple):
    """The position after a stock command; `applied` is false where it changed nothing, `note`
    then says why."""

    position: Position
    applied: bool
    note: str | None = None


def set_stock(command: SetStock, ledger: Ledger, rules: Rules, now: datetime) -> StockChange:
    """Take an absolute count. What is reserved or allocated stays so: if the count no longer
    covers it, a shortfall opens.

    With a watermark the count has the orders up to there taken off already: what they still wait
    for is on the shelf all the same, and what later orders took is not.
    """
    position, note = take_count(command, ledger, rules, now)
    return StockChange(position.value(), note is None, note)


def take_count(
    command: SetStock, ledger: Ledger, rules: Rules, now: datetime
) -> tuple[WorkingPosition, str | None]:
    """The same for many: the position as it goes on, and why nothing was changed, if so."""
    position = position_for(command.sku, command.location, ledger, rules)
    _compare(command, position)
    ledger.items[command.sku].check_step(command.on_hand, "onHand")
    as_of = command.as_of or now
    if as_of > now + CLOCK_TOLERANCE:
        problem = f"{as_of.isoformat()} lies in the future: it would outdate every later count"
        raise InvalidInput(field="asOf", problem=problem)
    if position.counted_at is not None and as_of < position.counted_at:
        return position, f"STALE: a count of {position.counted_at.isoformat()} is already applied"
    on_hand, reason, through = command.on_hand, command.reason, None
    if command.has_watermark:
        watermark = ledger.facts.watermarks[position.sku, position.location]
        if watermark.moment is None:
            raise UnknownOrder(order=command.includes_order, verb="included in a count")
        on_hand += watermark.allocated_before - watermark.fulfilled_after
        through = watermark.moment
        reason = reason or f"includes orders to {watermark.moment.isoformat()}"
    unavailable = 0
    if command.unavailable is not None:
        unavailable = command.unavailable - position.unavailable
    same_count = as_of == position.counted_at and through == position.counted_through
    if same_count and on_hand == position.on_hand and not unavailable:
        return position, f"UNCHANGED: the count of {as_of.isoformat()} is already applied"
    position.counted_at, position.counted_through = as_of, through
    ledger.book(
        position,
        MovementKind.COUNTED,
        cause_of(command, "set_stock", reason),
        on_hand=on_hand - position.on_hand,
        unavailable=unavailable,
        from_outside=True,
    )
    return position, None


def adjust_stock(command: AdjustStock, ledger: Ledger, rules: Rules, now: datetime) -> StockChange:
    """Add to or take from the units on hand."""
    position = position_for(command.sku, command.location, ledger, rules)
    _compare(command, position)
    if command.delta == 0:
        raise InvalidInput(field="delta", problem="must not be 0")
    ledger.items[command.sku].check_step(command.delta, "delta")
    cause = cause_of(command, "adjust_stock", command.reason)
    ledger.book(position, MovementKind.ADJUSTED, cause, on_hand=command.delta, from_outside=True)
    return StockChange(position.value(), True)


def correct_drift(
    command: CorrectDrift, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Add what a comparison has found to be missing, or take what was too much."""
    position = position_for(command.sku, command.location, ledger, rules)
    _check_version(command.if_version, position)
    ledger.items[command.sku].check_step(command.delta, "delta")
    cause = cause_of(command, "reconciliation", command.reason)
    ledger.book(position, MovementKind.RECONCILED, cause, on_hand=command.delta, from_outside=True)
    return StockChange(position.value(), True)


def mark_unavailable(
    command: MarkUnavailable, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Take units out of sale, or back into it. Damaged goods are a fact: where all were promised,
    a shortfall opens."""
    position = position_for(command.sku, command.location, ledger, rules)
    ledger.items[command.sku].check_step(command.quantity, "quantity")
    if command.quantity == 0:
        raise InvalidInput(field="quantity", problem="must not be 0")
    if position.unavailable + command.quantity < 0:
        problem = f"only {quantity_text(position.unavailable)} are unavailable"
        raise InvalidInput(field="quantity", problem=problem)
    reason = command.condition.value
    if command.reason:
        reason = f"{reason}: {command.reason}"
    ledger.book(
        position,
        MovementKind.MARKED,
        cause_of(command, "mark_unavailable", reason),
        unavailable=command.quantity,
        from_outside=True,
    )
    return StockChange(position.value(), True)


def transfer_stock(
    command: TransferStock, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Move units that nobody has a claim on; the answer shows where they came from."""
    if command.from_location == command.to_location:
        raise InvalidInput(field="toLocation", problem="must be another location")
    source = position_for(command.sku, command.from_location, ledger, rules)
    target = position_for(command.sku, command.to_location, ledger, rules)
    item = ledger.items[command.sku]
    item.check_step(command.quantity, "quantity")
    movable = max(0, source.free - source.backordered)
    if movable < command.quantity:
        line = {"sku": command.sku, "requested": command.quantity, "available": movable}
        raise InsufficientStock(lines=[line])
    for position, units, other in (
        (source, -command.quantity, f"to {target.location}"),
        (target, command.quantity, f"from {source.location}"),
    ):
        reason = f"{other}: {command.reason}" if command.reason else other
        cause = cause_of(command, "transfer_stock", reason)
        ledger.book(
            position, MovementKind.TRANSFERRED, cause, on_hand=units, from_outside=units > 0
        )
    return StockChange(source.value(), True)


def correct_position(
    command: CorrectPosition, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Bring a position and its movements to what the rest of the ledger says they are; where they
    are that already, nothing is booked."""
    position = ledger.position(command.sku, command.location)
    summed, true = ledger.facts.books[position.sku, position.location]
    # The sum of movements is the truth here, but nothing can be unavailable less than not at all.
    true = true._replace(unavailable=max(0, true.unavailable))
    lacking = max(0, true.unavailable + true.allocated + true.reserved - true.on_hand)
    parts = [part for part in Books._fields if part != "version"]
    if (
        summed == true
        and all(getattr(position, part) == getattr(true, part) for part in parts)
        and position.shortfall == lacking
        and position.version >= true.version
    ):
        return StockChange(position.value(), False, "UNCHANGED: the position has not drifted")
    # The position may have drifted from its movements: the movement closes the gap between those
    # and the truth, and the position is brought to where they begin. Its version only grows.
    for part in parts:
        setattr(position, part, getattr(summed, part))
    position.version = max(position.version, summed.version)
    ledger.book(
        position,
        MovementKind.CORRECTED,
        Cause("audit", command.origin.actor, None, reason=command.reason),
        from_outside=True,
        **{part: getattr(true, part) - getattr(summed, part) for part in parts},
    )
    return StockChange(position.value(), True)


def position_for(sku: Sku, location: LocationId, ledger: Ledger, rules: Rules) -> WorkingPosition:
    """The position that a command names; raises `UnknownSku`, `UnknownLocation` and `IsKit`."""
    if sku not in ledger.items:
        raise UnknownSku(skus=[sku])
    if location not in rules.locations:
        raise UnknownLocation(location=location)
    if sku in rules.kits:
        raise IsKit(sku=sku, components=[line.sku for line in rules.kits[sku]])
    return ledger.position(sku, location)


def cause_of(
    command: CountCommand | SupplyCommand | TransferStock,
    name: str,
    reason: str | None = None,
    document: str | None = None,
) -> Cause:
    """The cause that a stock command's movements are booked with."""
    origin = command.origin
    return Cause(name, origin.actor, origin.source_event, reason=reason, document=document)


def _compare(command: SetStock | AdjustStock, position: WorkingPosition) -> None:
    """Compare before swapping: raises `VersionConflict` or `StockConflict`."""
    if command.if_version is not None:
        _check_version(command.if_version, position)
    expected: Quantity | None = command.if_on_hand
    if expected is not None and expected != position.on_hand:
        raise StockConflict(
            expected=quantity_text(expected), actual=quantity_text(position.on_hand)
        )


def _check_version(expected: int, position: WorkingPosition) -> None:
    if expected != position.version:
        raise VersionConflict(expected=expected, actual=position.version)
