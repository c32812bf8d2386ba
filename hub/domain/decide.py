"""The one decision: what a batch of commands does to the ledger.

Pure and sequential: the commands are taken in their order, each sees what those before it did, and
each either does all that it asks or is refused and does nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hub.domain import commands as c
from hub.domain.decide_orders import cancel_order, place_order, return_order, ship_order
from hub.domain.decide_reservations import commit, expire, extend, release, reserve
from hub.domain.decide_stock import adjust_stock, receive_supply, schedule_supply, set_stock
from hub.domain.errors import HubError
from hub.domain.ledger import Ledger, SupplyLine
from hub.domain.movements import Movement
from hub.domain.policies import Rules
from hub.domain.position import Position
from hub.domain.reservations import Reservation

Result = Any
"""What a command's sender gets: a Reservation, a StockChange or an OrderChange; or a HubError."""


class Outcome(NamedTuple):
    """What to write, and what to answer. `results` are in the order of the commands."""

    results: list[Result]
    positions: list[tuple[Position, int]]
    """Touched positions as they stand now, each with the version it was read at."""
    movements: list[Movement]
    created: list[Reservation]
    changed: list[Reservation]
    supply_lines: list[SupplyLine]


_HANDLERS: dict[type, Callable[..., Result]] = {
    c.Reserve: reserve,
    c.ExtendReservation: extend,
    c.CommitReservation: commit,
    c.ReleaseReservation: release,
    c.ExpireReservation: expire,
    c.SetStock: set_stock,
    c.AdjustStock: adjust_stock,
    c.ScheduleSupply: schedule_supply,
    c.ReceiveSupply: receive_supply,
    c.PlaceOrder: place_order,
    c.CancelOrder: cancel_order,
    c.ShipOrder: ship_order,
    c.ReturnOrder: return_order,
}


def decide(commands: Sequence[c.Command], ledger: Ledger, rules: Rules, now: datetime) -> Outcome:
    """Decide a batch. `now` is the database's clock, read after the positions were locked."""
    results: list[Result] = []
    for command in commands:
        try:
            results.append(_HANDLERS[type(command)](command, ledger, rules, now))
        except HubError as refusal:
            results.append(refusal)
    reservations = ledger.reservations
    return Outcome(
        results=results,
        positions=[(p.value(), p.version_read) for p in ledger.touched.values()],
        movements=ledger.movements,
        created=[reservations[id] for id in ledger.created],
        changed=[reservations[id] for id in ledger.changed],
        supply_lines=[ledger.supply_lines[key] for key in ledger.changed_supply],
    )
