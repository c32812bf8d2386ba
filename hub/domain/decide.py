"""The one decision: what a batch of commands does to the ledger.

Pure and sequential: the commands are taken in their order, each sees what those before it did, and
each either does all that it asks or is refused and does nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hub.domain import commands as c
from hub.domain import decide_allocations, decide_reservations, decide_stock, decide_supply
from hub.domain.decide_orders import place_order
from hub.domain.errors import HubError
from hub.domain.event_order import EventOrder
from hub.domain.ledger import Ledger
from hub.domain.movements import Movement
from hub.domain.policies import Rules
from hub.domain.position import Position
from hub.domain.reservations import Reservation
from hub.domain.supply import SupplyLine
from hub.domain.values import Sku

Result = Any
"""What a command's sender gets: a Reservation, a StockChange or an OrderChange; or a HubError."""


class Outcome(NamedTuple):
    """What to write, and what to answer. `results` are in the order of the commands."""

    results: list[Result]
    positions: list[tuple[Position, int]]
    """Touched positions as they stand now, each with the version it was read at."""
    movements: list[Movement]
    created: list[Reservation]
    """As they were when they were made; what became of some since is in `changed`."""
    changed: list[Reservation]
    supply_lines: list[SupplyLine]
    to_settle: list[Sku]
    """Items of which something has come in that others wait for."""


_HANDLERS: dict[type, Callable[..., Result]] = {
    c.Reserve: decide_reservations.reserve,
    c.ChangeReservation: decide_reservations.change,
    c.ExtendReservation: decide_reservations.extend,
    c.CommitReservation: decide_reservations.commit,
    c.ReleaseReservation: decide_reservations.release,
    c.ExpireReservation: decide_reservations.expire,
    c.TransferReservation: decide_reservations.transfer,
    c.FulfilReservation: decide_allocations.fulfil,
    c.CancelReservation: decide_allocations.cancel,
    c.ReturnReservation: decide_allocations.give_back,
    c.SetStock: decide_stock.set_stock,
    c.AdjustStock: decide_stock.adjust_stock,
    c.CorrectDrift: decide_stock.correct_drift,
    c.MarkUnavailable: decide_stock.mark_unavailable,
    c.TransferStock: decide_stock.transfer_stock,
    c.CorrectPosition: decide_stock.correct_position,
    c.ScheduleSupply: decide_supply.schedule_supply,
    c.ChangeSupply: decide_supply.change_supply,
    c.ReceiveSupply: decide_supply.receive_supply,
    c.CancelSupply: decide_supply.cancel_supply,
    c.SettleBackorders: decide_supply.settle_backorders,
    c.PlaceOrder: place_order,
    c.CancelOrder: decide_allocations.cancel_order,
    c.ShipOrder: decide_allocations.ship_order,
    c.ReturnOrder: decide_allocations.return_order,
}


def decide(
    commands: Sequence[c.Command],
    ledger: Ledger,
    rules: Rules,
    now: datetime,
    order: EventOrder | None = None,
) -> Outcome:
    """Decide a batch. `now` is the database's clock, read after the positions were locked; `order`
    is given where some of its events may have to wait for others, which then answer `HeldBack`."""
    results = answers(commands, ledger, rules, now, order)
    reservations = ledger.reservations
    return Outcome(
        results=results,
        positions=[(p.stored(), p.version_read) for p in ledger.touched.values()],
        movements=ledger.movements,
        created=list(ledger.created.values()),
        changed=[reservations[id] for id in ledger.changed],
        supply_lines=[ledger.supply_lines[key] for key in ledger.changed_supply],
        to_settle=to_settle(ledger, rules),
    )


def decide_counts(
    counts: Sequence[c.SetStock], ledger: Ledger, rules: Rules, now: datetime
) -> list[tuple[int, HubError]]:
    """Decide many counts whose senders wait for no answer each: those that are refused, by their
    place. Their effects are in the ledger then."""
    refused: list[tuple[int, HubError]] = []
    for place, count in enumerate(counts):
        try:
            decide_stock.take_count(count, ledger, rules, now)
        except HubError as refusal:
            refused.append((place, refusal))
    return refused


def answers(
    commands: Sequence[c.Command],
    ledger: Ledger,
    rules: Rules,
    now: datetime,
    order: EventOrder | None = None,
) -> list[Result]:
    """The result of each command, whose effects are in the ledger then; see `decide`."""
    results: list[Result] = []
    for command in commands:
        if order is not None and (held := order.held(command)) is not None:
            results.append(held)
            continue
        try:
            results.append(_HANDLERS[type(command)](command, ledger, rules, now))
        except HubError as refusal:
            results.append(refusal)
            if order is not None:
                order.refused(command, refusal)
    return results


def to_settle(ledger: Ledger, rules: Rules) -> list[Sku]:
    """Items of which something has come in, by what was decided, that others wait for."""
    items = ledger.items
    for sku in ledger.landed:
        if sku in items and rules.may_sell_beyond_stock(items[sku]):
            ledger.to_settle[sku] = None
    return list(ledger.to_settle)
