"""What an idempotency key was answered is given back word for word."""

from datetime import datetime, timedelta, timezone

import orjson
import pytest

from hub.domain.commands import Command
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
from hub.domain.reservations import HoldStage, Reservation, ReservationState
from hub.services.outcomes import first_answer, outcome_from, outcome_text
from tests.unit.builders import NOW, item, later, line, place, position, set_stock, ship, take_back
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import change, commit, extend, release, reserve, transfer


def kept(result: Result) -> Result:
    """What comes back of an answer."""
    text = outcome_text(result)
    assert isinstance(orjson.loads(text), dict)
    return outcome_from(text)


def every_state() -> list[Reservation]:
    """Reservations as they come out of real decisions."""
    room = Stockroom().stock(BER=3, HAM=2)
    held = room.do(reserve(("MUG", 4), holder="cart-7", address="203.0.113.7"))
    committed = room.do(commit())
    shipped = room.do(ship(line("MUG", 1)))
    back = room.do(take_back(line("MUG", 1)))
    placed = room.do(place(line("MUG", 9), order="O-2"))
    room.do(set_stock(50))
    room.do(reserve(("MUG", 1), id="b"))
    released = room.do(release(id="b", reason="“changed” her mind\n"))
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
        StockChange(position(on_hand=3, backordered=2, counted_at=NOW), True),
        StockChange(position(on_hand=-3, allocated=2)._replace(counted_through=later(1)), True),
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


@pytest.mark.parametrize(
    "later_on", [[], [extend(seconds=9999, stage=HoldStage.PAYMENT)], [commit()], [release()],
                 [change(("MUG", 3), ("LAMP", 1))], [transfer()]]
)  # fmt: skip
def test_a_new_reservation_is_answered_again_as_it_was_made(later_on: list[Command]) -> None:
    room = Stockroom(item("MUG"), item("LAMP")).stock(BER=3, HAM=3)
    room.do(set_stock(2, sku="LAMP"))
    made = room.do(reserve(("MUG", 2), holder="cart-7"))
    for command in later_on:
        room.wait(1)
        room.do(command)
    assert first_answer(room.reservations["hold"], made.stage.value) == made


def test_what_cannot_be_kept_is_not_kept_wrongly() -> None:
    with pytest.raises(TypeError):
        outcome_text(InvalidInput(field="x", problem={1, 2}))
