"""When so many units can be had: what is told before a reservation is what the reservation gets."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.item import Item
from hub.domain.policies import UNLIMITED
from hub.domain.reservations import Reservation
from tests.unit import builders as a
from tests.unit.builders import Amount, item, later, policy, rules, schedule, set_stock, units
from tests.unit.domain.exploration import explored
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import reserve

ANY = UNLIMITED // 1000
SOON, LATE = later(days=2), later(days=9)

Told = tuple[Amount, str, datetime | None, str | None]


def promised(room: Stockroom, amount: Amount, sku: str = "MUG") -> list[Told]:
    """The lines of the promise for so many units."""
    return [
        ((line.quantity or 0) / 1000, line.kind.value, line.date, line.document)
        for line in room.availability(sku, units(amount)).promise
    ]


def stocked(*items: Item, **on_hand: Amount) -> Stockroom:
    """A room with so many MUGs, and two deliveries to come in Berlin: 3 soon, 4 late."""
    room = Stockroom(*items).stock(**on_hand)
    room.do(schedule(4, document="PO-2", eta=LATE))
    room.do(schedule(3, document="PO-1", eta=SOON))
    return room


def test_what_stock_serves_is_promised_from_stock() -> None:
    assert promised(stocked(item(), BER=5, HAM=2), 6) == [(6, "STOCK", None, None)]


def test_without_backorders_no_more_is_promised_than_there_is() -> None:
    assert promised(stocked(item(), BER=5), 6) == [(5, "STOCK", None, None)]
    assert promised(stocked(item()), 6) == []


def test_what_stock_does_not_serve_comes_with_the_supply_in_the_order_of_its_dates() -> None:
    assert promised(stocked(item(backorders=ANY), BER=5), 14) == [
        (5, "STOCK", None, None),
        (3, "SUPPLY", SOON, "PO-1"),
        (4, "SUPPLY", LATE, "PO-2"),
        (2, "BACKORDER", None, None),
    ]


def test_no_more_is_promised_than_may_be_sold_beyond_stock() -> None:
    assert promised(stocked(item(backorders=4), BER=5), 14) == [
        (5, "STOCK", None, None),
        (3, "SUPPLY", SOON, "PO-1"),
        (1, "SUPPLY", LATE, "PO-2"),
    ]


def test_those_who_wait_already_come_first() -> None:
    room = stocked(item(backorders=ANY))
    room.do(reserve(("MUG", 5)))
    assert promised(room, 3) == [(2, "SUPPLY", LATE, "PO-2"), (1, "BACKORDER", None, None)]


def test_a_date_that_has_passed_is_no_date_and_stands_at_the_end() -> None:
    room = stocked(item(backorders=ANY), BER=1)
    room.wait(seconds=3 * 86_400)
    assert promised(room, 6) == [
        (1, "STOCK", None, None),
        (2, "SUPPLY", LATE, "PO-2"),
        (3, "BACKORDER", None, "PO-1"),
    ]


def test_nothing_of_a_preorder_leaves_before_its_release() -> None:
    room = stocked(item(preorders=ANY, released=later(days=5)), BER=1)
    assert promised(room, 9) == [
        (1, "PREORDER", later(days=5), None),
        (3, "PREORDER", later(days=5), "PO-1"),
        (4, "PREORDER", LATE, "PO-2"),
        (1, "PREORDER", later(days=5), None),
    ]


def test_a_discontinued_item_is_promised_to_nobody() -> None:
    assert promised(stocked(item(discontinued=True, backorders=ANY), BER=5), 1) == []


def test_a_kit_is_promised_when_the_last_of_its_components_is_there() -> None:
    room = Stockroom(
        item("MUG", backorders=ANY),
        item("LAMP", backorders=ANY),
        item("SET"),
        rules_=rules(kits={"SET": a.kit(MUG=2, LAMP=1)}),
    )
    room.do(set_stock(5, sku="MUG"))
    room.do(set_stock(1, sku="LAMP"))
    room.do(schedule(6, sku="MUG", document="MUGS", eta=LATE))
    room.do(schedule(3, sku="LAMP", document="LAMPS", eta=SOON))
    # 2 sets of mugs now and 3 later; 1 set of lamps now, 3 soon, the rest some day.
    assert promised(room, 6, "SET") == [
        (1, "STOCK", None, None),
        (1, "SUPPLY", SOON, "LAMPS"),
        (2, "SUPPLY", LATE, "MUGS"),
        (1, "BACKORDER", None, None),
        (1, "BACKORDER", None, None),
    ]
    assert promised(room, 1, "SET") == [(1, "STOCK", None, None)]


def test_a_kit_that_is_not_released_or_discontinued_is_promised_as_such() -> None:
    for kit, told in (
        (item("SET", released=LATE), [(1, "PREORDER", LATE, None)]),
        (item("SET", discontinued=True), []),
    ):
        room = Stockroom(item("MUG"), kit, rules_=rules(kits={"SET": a.kit(MUG=2)}))
        room.do(set_stock(5))
        assert promised(room, 1, "SET") == told


amounts = st.integers(0, 12)
deliveries = st.lists(
    st.tuples(st.sampled_from(["BER", "HAM", "CPH"]), st.integers(1, 6), st.integers(-2, 9)),
    max_size=5,
)
sold = st.builds(
    item,
    safety=st.none() | st.integers(0, 2),
    backorders=st.none() | st.integers(0, 9) | st.just(ANY),
    preorders=st.none() | st.integers(0, 9),
    released=st.none() | st.just(later(days=4)) | st.just(later(-1)),
)


@explored(200)
@given(
    of=sold, stock=st.tuples(amounts, amounts), coming=deliveries,
    before=st.lists(st.integers(1, 5), max_size=3), asked=st.integers(1, 25), low=amounts,
)  # fmt: skip
def test_a_reservation_gets_what_was_promised(
    of: Item,
    stock: tuple[int, int],
    coming: list[tuple[str, int, int]],
    before: list[int],
    asked: int,
    low: int,
) -> None:
    known = rules({("channel", "web"): policy(low=low)})
    room = Stockroom(of, rules_=known).stock(BER=stock[0], HAM=stock[1])
    for place, (location, amount, days) in enumerate(coming):
        eta = later(days=days)
        room.do(schedule(amount, location, document=f"PO-{place}", eta=eta))
    for number, amount in enumerate(before):
        room.decide(reserve(("MUG", amount), id=f"before-{number}"))
    answer = room.availability(quantity=units(asked))
    promise = answer.promise
    most = ANY if answer.quantity is None else answer.quantity // 1000
    assert sum(line.quantity or 0 for line in promise) == units(min(asked, most))
    assert all(line.quantity for line in promise)
    assert all(line.date is None or line.date > room.now for line in promise)
    assert answer.can_fulfil is (most >= asked)
    if not answer.can_fulfil:
        return
    got = room.do(reserve(("MUG", asked), id="mine"))
    assert isinstance(got, Reservation)
    held = sum(line.held for line in got.lines)
    waiting = sorted((one.document or "", one.backordered) for one in got.lines if one.backordered)
    beyond = [line for line in promise if line.document or line.kind.value == "BACKORDER"]
    if of.released_at is None or of.released_at <= room.now:
        assert held == sum(line.quantity or 0 for line in promise if line.kind.value == "STOCK")
        assert waiting == sorted((line.document or "", line.quantity) for line in beyond)
        dates = {one.promised_at for one in got.lines if one.promised_at}
        assert {line.date for line in promise if line.date} == {d for d in dates if d > room.now}
    else:
        assert held + sum(units for _, units in waiting) == units(asked)
        assert {line.kind.value for line in promise} == {"PREORDER"}
        assert all(line.date and line.date >= of.released_at for line in promise)


@pytest.mark.parametrize("asked", [1, 5])
def test_what_is_in_stock_is_promised_whatever_is_expected(asked: int) -> None:
    assert promised(stocked(item(backorders=ANY), BER=5), asked) == [(asked, "STOCK", None, None)]
