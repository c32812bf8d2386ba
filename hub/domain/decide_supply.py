"""How expected receipts come, change, arrive and fall away, and who they are promised to."""

from datetime import datetime

from hub.domain.bookings import OpenReservation, Take
from hub.domain.claims import Claim, Request, sellable_in
from hub.domain.commands import (
    CancelSupply,
    ChangeSupply,
    ReceiveSupply,
    ScheduleSupply,
    SettleBackorders,
)
from hub.domain.decide_stock import StockChange, cause_of, position_for
from hub.domain.errors import UnknownSupply
from hub.domain.ledger import Cause, Ledger, WorkingPosition
from hub.domain.movements import MovementKind
from hub.domain.policies import Rules
from hub.domain.reservations import Reservation
from hub.domain.supply import SupplyLine, document_for
from hub.domain.values import LocationId, Quantity


def schedule_supply(
    command: ScheduleSupply, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Expect a receipt. The same document told again replaces what was expected of it."""
    position = position_for(command.sku, command.location, ledger, rules)
    ledger.items[command.sku].check_step(command.quantity, "quantity")
    known = ledger.supply_lines.get((command.sku, command.location, command.document))
    if known is not None and (stale := _stale(known, command.told_at, position)):
        return stale
    line = SupplyLine(
        command.sku,
        command.location,
        command.document,
        command.quantity,
        known.received if known else 0,
        command.eta,
        command.told_at or now,
    )
    if known is not None and line._replace(told_at=known.told_at) == known:
        return StockChange(position.value(), False, "UNCHANGED: this receipt is already expected")
    cause = cause_of(command, "schedule_supply", document=command.document)
    return _expect(line, known, MovementKind.SUPPLY_SCHEDULED, position, ledger, cause)


def change_supply(
    command: ChangeSupply, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Expect another quantity or another date; raises `UnknownSupply`."""
    position, known = _known(command, ledger, rules)
    if stale := _stale(known, command.told_at, position):
        return stale
    if command.quantity is not None:
        ledger.items[command.sku].check_step(command.quantity, "quantity")
    line = known._replace(
        quantity=known.quantity if command.quantity is None else command.quantity,
        eta=command.eta or known.eta,
        told_at=command.told_at or now,
    )
    if line._replace(told_at=known.told_at) == known:
        return StockChange(position.value(), False, "UNCHANGED: this receipt is already expected")
    cause = cause_of(command, "change_supply", document=command.document)
    return _expect(line, known, MovementKind.SUPPLY_SCHEDULED, position, ledger, cause)


def cancel_supply(
    command: CancelSupply, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Expect nothing more of a document; raises `UnknownSupply`."""
    position, known = _known(command, ledger, rules)
    if stale := _stale(known, command.told_at, position):
        return stale
    if not known.open:
        return StockChange(position.value(), False, "NOTHING_LEFT: nothing more was expected")
    line = known._replace(quantity=known.received, told_at=command.told_at or now)
    cause = cause_of(command, "cancel_supply", document=command.document)
    return _expect(line, known, MovementKind.SUPPLY_CANCELLED, position, ledger, cause)


def receive_supply(
    command: ReceiveSupply, ledger: Ledger, rules: Rules, now: datetime
) -> StockChange:
    """Put arrived units on hand, and take them off what the document still promises. A document
    that is told of only later finds here what has come of it already."""
    position = position_for(command.sku, command.location, ledger, rules)
    ledger.items[command.sku].check_step(command.quantity, "quantity")
    key = (command.sku, command.location, command.document)
    known = ledger.supply_lines.get(key) or SupplyLine(*key, 0, 0, now)
    line = known._replace(received=known.received + command.quantity)
    ledger.put_supply(line)
    ledger.book(
        position,
        MovementKind.RECEIVED,
        cause_of(command, "receive_supply", document=command.document),
        on_hand=command.quantity,
        incoming=line.open - known.open,
        from_outside=True,
    )
    return StockChange(position.value(), True)


def settle_backorders(
    command: SettleBackorders, ledger: Ledger, rules: Rules, now: datetime
) -> list[Reservation]:
    """Give free units to those who wait, first come, first served, and peg the others anew.

    Answers the reservations that changed: each of them got units or another date.
    """
    waiting = sorted(
        (
            reservation
            for reservation in ledger.reservations.values()
            if any(line.sku == command.sku and line.backordered for line in reservation.lines)
        ),
        key=lambda one: (one.created_at, one.id),
    )
    cause = Cause("settle_backorders", command.origin.actor, command.origin.source_event)
    line_up: dict[LocationId, Quantity] = {}
    changed = []
    for reservation in waiting:
        settling = OpenReservation(reservation, ledger)
        own_cause = cause._replace(reservation=reservation.id, order=reservation.order)
        for line in reservation.lines:
            if line.sku == command.sku and line.backordered and _in_line(reservation, now):
                _fill(settling, line.line, ledger, rules, own_cause, now)
                _peg(settling, line.line, line_up, ledger)
        if tuple(settling.lines) != reservation.lines:
            changed.append(settling.close())
    ledger.to_settle.pop(command.sku, None)
    return changed


def _in_line(reservation: Reservation, now: datetime) -> bool:
    # What an order waits for stays its own when what its cart still held has lapsed.
    return reservation.order is not None or not reservation.lapsed(now)


def _fill(
    settling: OpenReservation,
    place: int,
    ledger: Ledger,
    rules: Rules,
    cause: Cause,
    now: datetime,
) -> None:
    """Units for a line that waits: of its own location, else of another one of the pool."""
    reservation = settling.reservation
    part = "allocated" if reservation.order else "held"
    line = settling.lines[place]
    here = min(line.backordered, max(0, ledger.free(line.sku, line.location)))
    if here:
        settling.move(Take(place, "backordered", here), part, MovementKind.FILLED, cause)
    channel = rules.channels.get(reservation.channel)
    for location in channel.pool if channel else ():
        missing = settling.lines[place].backordered
        if not missing:
            return
        if location == line.location or channel is None:
            continue
        there = min(missing, sellable_in(ledger, rules, Request(channel, now), line.sku, location))
        if there:
            settling.move(Take(place, "backordered", there), "moved", MovementKind.FILLED, cause)
            settling.claim(Claim(line.sku, location, there, line.kit), part, cause)


def _peg(
    settling: OpenReservation, place: int, line_up: dict[LocationId, Quantity], ledger: Ledger
) -> None:
    line = settling.lines[place]
    if not line.backordered:
        return
    line_up[line.location] = line_up.get(line.location, 0) + line.backordered
    supply = [one for one in ledger.supply_of(line.sku) if one.location == line.location]
    document = document_for(line_up[line.location], supply)
    eta = next((one.eta for one in supply if one.document == document), None)
    if (document, eta) != (line.document, line.promised_at):
        settling.lines[place] = line._replace(document=document, promised_at=eta)


def _known(
    command: ChangeSupply | CancelSupply, ledger: Ledger, rules: Rules
) -> tuple[WorkingPosition, SupplyLine]:
    position = position_for(command.sku, command.location, ledger, rules)
    known = ledger.supply_lines.get((command.sku, command.location, command.document))
    if known is None:
        raise UnknownSupply(sku=command.sku, location=command.location, document=command.document)
    return position, known


def _stale(
    known: SupplyLine, told_at: datetime | None, position: WorkingPosition
) -> StockChange | None:
    if told_at is None or known.told_at is None or told_at >= known.told_at:
        return None
    note = f"STALE: a word of {known.told_at.isoformat()} on it is already applied"
    return StockChange(position.value(), False, note)


def _expect(
    line: SupplyLine,
    known: SupplyLine | None,
    kind: MovementKind,
    position: WorkingPosition,
    ledger: Ledger,
    cause: Cause,
) -> StockChange:
    ledger.put_supply(line)
    incoming = line.open - (known.open if known else 0)
    ledger.book(position, kind, cause, incoming=incoming)
    if position.backordered:
        # Even if only the date moved: those who wait have another one now.
        ledger.to_settle[position.sku] = None
    return StockChange(position.value(), True)
