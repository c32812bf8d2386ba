"""A shortfall is what promises exceed stock by: facts from outside open it, and it closes by
itself."""

import pytest

from hub.domain.commands import Command
from hub.domain.errors import InsufficientStock
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.position import Position
from tests.unit.builders import (
    adjust,
    cancel,
    line,
    place,
    position,
    receive,
    schedule,
    set_stock,
    ship,
    take_back,
    units,
)
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import commit, expire, release, reserve


@pytest.fixture
def room() -> Stockroom:
    """Five mugs, three of them held for a minute, two ordered."""
    room = Stockroom().stock(BER=5)
    room.decide(reserve(("MUG", 3), seconds=60), place(line("MUG", 2)))
    assert room.at().free == 0
    return room


@pytest.mark.parametrize(
    ("fact", "lacking"),
    [
        (set_stock(3), 2),
        (set_stock(5, unavailable=1), 1),
        (set_stock(-1), 6),
        (adjust(-4), 4),
        (place(line("MUG", 3), order="O-2"), 3),
    ],
)
def test_a_fact_from_outside_opens_a_shortfall_and_promises_stand(
    room: Stockroom, fact: Command, lacking: int
) -> None:
    room.do(fact)
    assert room.at().shortfall == units(lacking) == -room.at().free
    assert room.at().reserved == units(3)
    assert room.at().allocated >= units(2)
    assert room.availability().quantity == 0
    assert room.availability().breakdown.shortfall == units(lacking)


@pytest.mark.parametrize(
    ("event", "lacking"),
    [
        (receive(1), 1),
        (receive(2), 0),
        (receive(9), 0),
        (adjust(1), 1),
        (set_stock(4), 1),
        (set_stock(8), 0),
        (release(), 0),
        (cancel(line("MUG", 1)), 1),
        (cancel(), 0),
    ],
)
def test_a_shortfall_closes_by_itself_as_far_as_it_can(
    room: Stockroom, event: Command, lacking: int
) -> None:
    room.do(set_stock(3))
    room.do(event)
    assert room.at().shortfall == units(lacking) == max(0, -room.at().free)


def test_a_hold_that_expires_closes_a_shortfall(room: Stockroom) -> None:
    room.do(set_stock(4))
    room.wait(60)
    room.do(expire())
    assert (room.at().shortfall, room.at().free) == (0, units(2))


@pytest.mark.parametrize("event", [commit(order="O-2"), ship(), schedule(9)])
def test_what_neither_adds_nor_frees_units_leaves_a_shortfall_as_it_is(
    room: Stockroom, event: Command
) -> None:
    room.do(set_stock(3))
    room.do(event)
    assert room.at().shortfall == units(2) == -room.at().free


def test_shipping_from_another_location_moves_the_lack_to_where_the_units_were_taken(
    room: Stockroom,
) -> None:
    room.do(set_stock(3))
    room.do(ship(line("MUG", 2, location="HAM")))
    assert (room.at("BER").shortfall, room.at("BER").free) == (0, 0)
    assert (room.at("HAM").shortfall, room.at("HAM").on_hand) == (units(2), units(-2))


def test_what_comes_back_from_a_customer_closes_a_shortfall(room: Stockroom) -> None:
    room.do(ship())
    room.do(set_stock(1))
    assert room.at().shortfall == units(2)
    room.do(take_back())
    assert (room.at().shortfall, room.at().free) == (0, 0)


def test_while_units_are_lacking_nothing_can_be_held(room: Stockroom) -> None:
    room.do(set_stock(3))
    assert isinstance(room.refusal(reserve(("MUG", 1), id="next")), InsufficientStock)
    room.do(receive(2))
    assert isinstance(room.refusal(reserve(("MUG", 1), id="next")), InsufficientStock)
    room.do(receive(1))
    assert room.do(reserve(("MUG", 1), id="next")).id == "next"


def test_a_claim_from_inside_never_hides_behind_a_wider_shortfall() -> None:
    """The database's CHECK is to catch it: the books must not make room for a mistake."""
    ledger = Ledger(positions=[position(on_hand=1)])
    mug = ledger.position("MUG", "BER")
    ledger.book(mug, MovementKind.RESERVED, Cause("reserve", "x", None), reserved=units(2))
    stored: Position = mug.value()
    assert (stored.free, stored.shortfall) == (units(-1), 0)
