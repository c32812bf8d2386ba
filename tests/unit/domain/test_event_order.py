"""Which events wait behind one that waits for another try, and which need not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.domain import commands as c
from hub.domain.errors import HubError, UnknownOrder
from hub.domain.event_order import EventOrder, HeldBack, Waiting, heeds, holds_back
from hub.domain.events import EVENT_TYPES, Event, command_from

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)
LATER = NOW + timedelta(seconds=4)
STOCK: dict[str, Any] = {"sku": "A-1", "location": "BER"}
DATA: dict[str, dict[str, Any]] = {
    "stock.set": {**STOCK, "onHand": 5},
    "stock.adjusted": {**STOCK, "delta": 1, "reason": "found"},
    "supply.scheduled": {
        **STOCK, "quantity": 5, "eta": "2026-03-02T00:00:00Z", "document": "PO-1",
    },
    "supply.changed": {**STOCK, "quantity": 5, "document": "PO-1"},
    "supply.received": {**STOCK, "quantity": 5, "document": "PO-1"},
    "supply.cancelled": {**STOCK, "document": "PO-1"},
    "order.placed": {"order": "O-1", "channel": "web", "lines": [{"sku": "A-1", "quantity": 1}]},
    "order.cancelled": {"order": "O-1"},
    "order.shipped": {"order": "O-1"},
    "order.returned": {"order": "O-1"},
}  # fmt: skip
BEHIND = {
    "order.cancelled": {"order.cancelled", "order.shipped"},
    "order.shipped": {"order.cancelled", "order.shipped"},
    "order.returned": {"order.cancelled", "order.shipped", "order.returned"},
    "supply.changed": {"supply.changed", "supply.cancelled"},
    "supply.cancelled": {"supply.changed", "supply.cancelled"},
}


def command(type: str, inbox: int | None = 2, **data: Any) -> c.Command:
    event = Event("e", type, None, {**DATA[type], **data})
    return command_from(event, c.Origin("shop", inbox=inbox), lambda: "made")


def behind(waiting: c.Command, until: datetime = SOON, inbox: int = 1) -> EventOrder:
    key = holds_back(waiting)
    assert key is not None
    return EventOrder({key: [Waiting(inbox, until)]}, lambda _inbox, _refusal: None)


@pytest.mark.parametrize("type", EVENT_TYPES)
def test_an_event_waits_behind_those_that_it_must_not_overtake(type: str) -> None:
    for other in EVENT_TYPES:
        waiting = command(other, 1)
        if holds_back(waiting) is None:
            assert other not in BEHIND
            continue
        held = behind(waiting).held(command(type))
        assert (held == HeldBack(SOON)) is (other in BEHIND.get(type, set())), other


@pytest.mark.parametrize("type", BEHIND)
def test_another_key_is_not_held_back(type: str) -> None:
    other: dict[str, Any] = {"document": "PO-2"} if type.startswith("supply") else {"order": "O-2"}
    assert behind(command(type, 1)).held(command(type, **other)) is None


def test_keys_cannot_be_mistaken_for_one_another() -> None:
    one = command("supply.changed", sku="A", location="B C", document="D")
    two = command("supply.changed", sku="A B", location="C", document="D")
    assert holds_back(one) != holds_back(two)


def test_what_came_before_does_not_wait_behind_what_came_after() -> None:
    assert behind(command("order.shipped", 3), inbox=3).held(command("order.shipped", 2)) is None


def test_what_is_held_back_holds_back_what_comes_after_it() -> None:
    order = behind(command("order.shipped", 1), LATER)
    assert order.held(command("order.cancelled", 2)) == HeldBack(LATER)
    assert order.held(command("order.returned", 3)) == HeldBack(LATER)


def test_who_waits_behind_several_waits_for_the_last_of_them() -> None:
    keys = heeds(command("order.returned"))
    waiting = {keys[0]: [Waiting(1, LATER)], keys[1]: [Waiting(2, SOON)]}
    order = EventOrder(waiting, lambda _inbox, _refusal: None)
    assert order.held(command("order.returned", 3)) == HeldBack(LATER)


@pytest.mark.parametrize(("until", "held"), [(SOON, HeldBack(SOON)), (None, None)])
def test_a_refusal_in_the_same_batch_holds_back_only_if_it_is_tried_again(
    until: datetime | None, held: HeldBack | None
) -> None:
    def tried_again(inbox: int, refusal: HubError) -> datetime | None:
        assert (inbox, type(refusal)) == (1, UnknownOrder)
        return until

    order = EventOrder({}, tried_again)
    order.refused(command("order.shipped", 1), UnknownOrder(order="O-1", verb="shipped"))
    assert order.held(command("order.cancelled", 2)) == held


def test_what_is_no_event_of_the_inbox_waits_for_nobody() -> None:
    assert behind(command("order.shipped", 1)).held(command("order.shipped", None)) is None
