"""What an idempotency key was answered is given back word for word."""

from datetime import datetime, timedelta, timezone

import orjson
import pytest

from hub.domain.decide import Result
from hub.domain.decide_stock import StockChange
from hub.domain.errors import (
    HubError,
    InsufficientStock,
    InvalidInput,
    ReservationEnded,
    UnknownSku,
    VersionConflict,
)
from hub.domain.reservations import Reservation, ReservationState
from hub.services.outcomes import outcome_from, outcome_text
from tests.unit.builders import (
    NOW,
    commit,
    later,
    line,
    place,
    position,
    release,
    reserve,
    set_stock,
    ship,
    take_back,
)
from tests.unit.domain.stockroom import Stockroom


def kept(result: Result) -> Result:
    """What comes back of an answer."""
    text = outcome_text(result)
    assert isinstance(orjson.loads(text), dict)
    return outcome_from(text)


def every_state() -> list[Reservation]:
    """Reservations as they come out of real decisions."""
    room = Stockroom().stock(BER=3, HAM=2)
    held = room.do(reserve(("MUG", 4), holder="cart-7"))
    committed = room.do(commit())
    shipped = room.do(ship(line("MUG", 1)))
    back = room.do(take_back(line("MUG", 0.5)))
    placed = room.do(place(line("MUG", 9), order="O-2"))
    room.do(set_stock(50))
    room.do(reserve(("MUG", 1), id="b"))
    released = room.do(release("b", reason="“changed” her mind\n"))
    changes = [*shipped.reservations, *back.reservations, *placed.reservations]
    return [held, committed, released, *changes]


@pytest.mark.parametrize("reservation", every_state(), ids=lambda one: f"{one.id}-{one.version}")
def test_a_reservation_comes_back_as_it_was(reservation: Reservation) -> None:
    again = kept(reservation)
    assert again == reservation
    assert isinstance(again, Reservation)
    assert isinstance(again.state, ReservationState)
    assert again.state is reservation.state
    assert {type(one) for one in again.lines} == {type(one) for one in reservation.lines}


@pytest.mark.parametrize(
    "change",
    [
        StockChange(position(on_hand=3, counted_at=NOW, next_supply_at=later(days=2)), True),
        StockChange(position(on_hand=-3, allocated=2, lapsed=1), True),
        StockChange(position(), False, "STALE: a count of 2031-05-01T12:00:00+00:00 is applied"),
    ],
)
def test_a_change_of_stock_comes_back_as_it_was(change: StockChange) -> None:
    again = kept(change)
    assert again == change
    assert type(again.position) is type(change.position)


def test_a_moment_keeps_its_microseconds_whatever_its_offset() -> None:
    east = datetime(2031, 5, 1, 14, 0, 0, 1, timezone(timedelta(hours=2)))
    change = StockChange(position(counted_at=east), True)
    assert kept(change).position.counted_at == east


@pytest.mark.parametrize(
    "refusal",
    [
        InsufficientStock(lines=[{"sku": "MUG", "requested": 5000, "available": 3000}]),
        UnknownSku(skus=["NIL", "Ü"]),
        InvalidInput(field="quantity", problem="MUG is sold in steps of 1"),
        ReservationEnded(id="r", state="EXPIRED", reason=None, verb="extended"),
        VersionConflict(expected=4, actual=7),
    ],
)
def test_a_refusal_comes_back_as_it_was(refusal: HubError) -> None:
    again = kept(refusal)
    assert again == refusal
    assert type(again) is type(refusal)
    assert again.message == refusal.message


def test_what_cannot_be_kept_is_not_kept_wrongly() -> None:
    with pytest.raises(TypeError):
        outcome_text(InvalidInput(field="x", problem={1, 2}))
