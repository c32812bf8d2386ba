"""How supply changes stock: counts, adjustments, expected receipts and arrivals."""

from datetime import datetime, timedelta
from typing import NamedTuple

from hub.domain.commands import AdjustStock, ReceiveSupply, ScheduleSupply, SetStock, StockCommand
from hub.domain.errors import InvalidInput, UnknownLocation, UnknownSku, VersionConflict
from hub.domain.ledger import Cause, Ledger, SupplyLine, WorkingPosition
from hub.domain.movements import MovementKind
from hub.domain.policies import Rules
from hub.domain.position import Position

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
    covers it, a shortfall opens."""
    position = _position(command, ledger, rules)
    if command.if_version is not None and command.if_version != position.version:
        raise VersionConflict(expected=command.if_version, actual=position.version)
    as_of = command.as_of or now
    if as_of > now + CLOCK_TOLERANCE:
        problem = f"{as_of.isoformat()} lies in the future: it would outdate every later count"
        raise InvalidInput(field="asOf", problem=problem)
    if position.counted_at is not None and as_of < position.counted_at:
        note = f"STALE: a count of {position.counted_at.isoformat()} is already applied"
        return StockChange(position.value(), False, note)
    on_hand = command.on_hand - position.on_hand
    unavailable = 0
    if command.unavailable is not None:
        unavailable = command.unavailable - position.unavailable
    position.counted_at = as_of
    ledger.book(
        position,
        MovementKind.COUNTED,
        _cause(command, "set_stock", command.reason),
        on_hand=on_hand,
        unavailable=unavailable,
        from_outside=True,
    )
    return StockChange(position.value(), True)


def adjust_stock(command: AdjustStock, ledger: Ledger, rules: Rules, now: datetime) -> StockChange:
    """Add to or take from the units on hand."""
    position = _position(command, ledger, rules)
    if command.delta == 0:
        raise InvalidInput(field="delta", problem="must not be 0")
    cause = _cause(command, "adjust_stock", command.reason)
    ledger.book(position, MovementKind.ADJUSTED, cause, on_hand=command.delta, from_outside=True)
    return StockChange(position.value(), True)


def schedule_supply(
    command: ScheduleSupply, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Expect a receipt. The same document told again replaces what was expected of it."""
    position = _position(command, ledger, rules)
    known = ledger.supply_lines.get((command.sku, command.location, command.document))
    received = known.received if known else 0
    line = SupplyLine(
        command.sku, command.location, command.document, command.quantity, received, command.eta
    )
    if line == known:
        return StockChange(position.value(), False, "UNCHANGED: this receipt is already expected")
    ledger.put_supply(line)
    incoming = line.open - (known.open if known else 0)
    cause = _cause(command, "schedule_supply", command.document)
    ledger.book(position, MovementKind.SUPPLY_SCHEDULED, cause, incoming=incoming)
    return StockChange(position.value(), True)


def receive_supply(
    command: ReceiveSupply, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Put arrived units on hand, and take them off what the document still promises."""
    position = _position(command, ledger, rules)
    incoming = 0
    known = ledger.supply_lines.get((command.sku, command.location, command.document))
    if known is not None:
        line = known._replace(received=known.received + command.quantity)
        ledger.put_supply(line)
        incoming = line.open - known.open
    ledger.book(
        position,
        MovementKind.RECEIVED,
        _cause(command, "receive_supply", command.document),
        on_hand=command.quantity,
        incoming=incoming,
        from_outside=True,
    )
    return StockChange(position.value(), True)


def _position(command: StockCommand, ledger: Ledger, rules: Rules) -> WorkingPosition:
    if command.sku not in ledger.items:
        raise UnknownSku(skus=[command.sku])
    if command.location not in rules.locations:
        raise UnknownLocation(location=command.location)
    return ledger.position(command.sku, command.location)


def _cause(command: StockCommand, name: str, reason: str | None) -> Cause:
    origin = command.origin
    return Cause(name, origin.actor, origin.source_event, reason=reason)
