"""What is read and locked for a batch is known before it is decided."""

from collections.abc import Callable

import pytest

from hub.domain.commands import Command
from hub.domain.touches import touches_of
from tests.unit.builders import (
    adjust,
    cancel,
    channel,
    line,
    place,
    receive,
    rules,
    schedule,
    set_stock,
    ship,
    take_back,
)
from tests.unit.holds import commit, expire, extend, release, reserve

POOL = {("MUG", "BER"), ("MUG", "HAM")}


def test_a_hold_touches_its_items_at_every_location_of_the_pool() -> None:
    touches = touches_of([reserve(("MUG", 1), ("LAMP", 1))], rules())
    assert touches.skus == {"MUG", "LAMP"}
    assert touches.positions == POOL | {("LAMP", "BER"), ("LAMP", "HAM")}
    assert not touches.reservations | touches.orders | touches.supply


def test_the_pool_is_the_one_of_the_channel_that_is_named() -> None:
    known = rules(channels=[channel("shop", "MUC")])
    assert touches_of([reserve(("MUG", 1), channel="shop")], known).positions == {("MUG", "MUC")}


@pytest.mark.parametrize("command", [extend("a"), commit(id="a"), release(id="a"), expire("a")])
def test_what_becomes_of_a_hold_touches_the_hold(command: Command) -> None:
    touches = touches_of([command], rules())
    assert touches.reservations == {"a"}
    assert not touches.skus | touches.positions | touches.orders


def test_an_order_touches_itself_its_pool_and_the_holds_it_names() -> None:
    touches = touches_of([place(line("MUG", 1, hold="a"), line("MUG", 1))], rules())
    assert (touches.orders, touches.reservations) == ({"O-1"}, {"a"})
    assert (touches.skus, touches.positions) == ({"MUG"}, POOL)


@pytest.mark.parametrize("event", [cancel, ship, take_back])
def test_an_event_of_an_order_touches_the_locations_it_names_besides(
    event: Callable[..., Command],
) -> None:
    touches = touches_of([event(line("MUG", 1), line("LAMP", 1, location="CPH"))], rules())
    assert (touches.orders, touches.positions) == ({"O-1"}, {("LAMP", "CPH")})
    assert touches_of([event()], rules()).positions == set()


@pytest.mark.parametrize("command", [set_stock(1), adjust(1)])
def test_a_count_touches_one_position(command: Command) -> None:
    touches = touches_of([command], rules())
    assert (touches.skus, touches.positions) == ({"MUG"}, {("MUG", "BER")})
    assert touches.supply == set()


@pytest.mark.parametrize("command", [schedule(1), receive(1)])
def test_supply_touches_its_document_too(command: Command) -> None:
    touches = touches_of([command], rules())
    assert (touches.positions, touches.supply) == ({("MUG", "BER")}, {("MUG", "BER", "PO-1")})


@pytest.mark.parametrize(
    "command", [reserve(("MUG", 1), channel="kiosk"), place(line("MUG", 1), channel="kiosk")]
)
def test_a_channel_nobody_knows_touches_no_position(command: Command) -> None:
    touches = touches_of([command], rules())
    assert (touches.skus, touches.positions) == ({"MUG"}, set())


def test_a_batch_touches_what_its_commands_touch_together() -> None:
    touches = touches_of([set_stock(1, "CPH"), reserve(("MUG", 1)), commit(id="a")], rules())
    assert touches.positions == POOL | {("MUG", "CPH")}
    assert touches.reservations == {"a"}
