"""The plain model: told a step, it says whether that is right, and counts on."""

from collections.abc import Callable
from typing import Any

from hub.domain import commands as c
from hub.domain.errors import HubError
from tests.unit.domain.plain_book import PlainBook, Step
from tests.unit.domain.plain_holds import (
    change,
    commit,
    expire,
    extend,
    release,
    reserve,
    transfer,
)
from tests.unit.domain.plain_orders import of_order, of_reservation, place_order
from tests.unit.domain.plain_stock import (
    adjust,
    call_off,
    carry,
    count,
    mark,
    receive,
    reschedule,
    schedule,
    settle,
)

_FOLLOWERS: dict[type, Callable[[PlainBook, Any, Step], None]] = {
    c.Reserve: reserve,
    c.ChangeReservation: change,
    c.ExtendReservation: extend,
    c.CommitReservation: commit,
    c.ReleaseReservation: release,
    c.ExpireReservation: expire,
    c.TransferReservation: transfer,
    c.FulfilReservation: of_reservation,
    c.CancelReservation: of_reservation,
    c.ReturnReservation: of_reservation,
    c.SetStock: count,
    c.AdjustStock: adjust,
    c.MarkUnavailable: mark,
    c.TransferStock: carry,
    c.ScheduleSupply: schedule,
    c.ChangeSupply: reschedule,
    c.CancelSupply: call_off,
    c.ReceiveSupply: receive,
    c.SettleBackorders: settle,
    c.PlaceOrder: place_order,
    c.CancelOrder: of_order,
    c.ShipOrder: of_order,
    c.ReturnOrder: of_order,
}


def follow(book: PlainBook, step: Step) -> None:
    """Check the result of a command, and note what it did."""
    if isinstance(step.result, HubError):
        assert not step.changed, "a refused command changed something"
    _FOLLOWERS[type(step.command)](book, step.command, step)
    for id in step.changed:
        book.claims[id].lines = step.after[id].lines
