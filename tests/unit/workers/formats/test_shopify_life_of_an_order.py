"""However often and in whatever order Shopify tells of an order, stock ends up the same."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.commands import Command
from hub.domain.errors import HubError
from hub.domain.events import command_from, event_from
from tests.unit.builders import ORIGIN, units
from tests.unit.domain.exploration import explored
from tests.unit.domain.stockroom import Stockroom
from tests.unit.workers.formats.api_samples import FORMATS, changes, read
from workers.formats.reading import Change

Webhook = tuple[str, dict[str, Any]]


def line(left: int) -> dict[str, Any]:
    """Four mugs, of which so many are still asked for."""
    return {"id": 71, "sku": "MUG", "quantity": 4, "current_quantity": left}


def order(left: int, **told: Any) -> dict[str, Any]:
    """A copy of the order."""
    return {
        "id": 5501,
        "source_name": "web",
        "created_at": "2031-05-01T10:00:00Z",
        "line_items": [line(left)],
        **told,
    }


FULFILMENT = {
    "id": 9001,
    "order_id": 5501,
    "status": "success",
    "created_at": "2031-05-01T10:10:00Z",
    "location_id": "BER",
    "line_items": [{"id": 71, "sku": "MUG", "quantity": 2}],
}
REFUNDED = [
    {
        "line_item_id": 71,
        "quantity": 1,
        "restock_type": kind,
        "location_id": "BER",
        "line_item": line(4),
    }
    for kind in ("return", "cancel")
]
REFUND = {
    "id": 8001,
    "order_id": 5501,
    "created_at": "2031-05-01T10:20:00Z",
    "refund_line_items": REFUNDED,
}
LIFE: list[Webhook] = [
    ("orders/create", order(4)),
    ("fulfillments/create", FULFILMENT),
    ("orders/partially_fulfilled", order(4, fulfillments=[FULFILMENT])),
    ("refunds/create", REFUND),
    ("orders/updated", order(2, fulfillments=[FULFILMENT], refunds=[REFUND])),
    # One more was taken out of it by an edit.
    ("orders/updated", order(1, fulfillments=[FULFILMENT], refunds=[REFUND])),
]
"""Four are ordered; two leave, of which one comes back; one is cancelled and one taken out."""
LEVEL: Webhook = (
    "inventory_levels/update",
    {
        "inventory_item_id": "MUG",
        "location_id": "BER",
        "available": 9,
        "updated_at": "2031-05-01T10:30:00Z",
    },
)


class Shop:
    """A stockroom that hears of each event once, and again of those that came too early."""

    def __init__(self) -> None:
        self.room = Stockroom().stock(BER=10)
        self._told: dict[str, Change] = {}
        self._waiting: list[Command] = []

    def tell(self, webhook: Webhook, delivery: int) -> None:
        """Deliver a webhook."""
        topic, body = webhook
        headers = {"x-shopify-topic": topic, "x-shopify-event-id": f"event-{delivery}"}
        for change in changes(read(FORMATS["shopify"], json.dumps(body).encode(), {}, headers)):
            assert change.id is not None
            known = self._told.setdefault(change.id, change)
            assert (known.type, known.data, known.time) == (change.type, change.data, change.time)
            if known is change:
                self._waiting.append(self._command(change))
        self._work()

    def _command(self, change: Change) -> Command:
        event: dict[str, Any] = {"specversion": "1.0", "id": change.id, "type": change.type}
        if change.time is not None:
            event["time"] = change.time.isoformat()
        read_event = event_from({**event, "data": change.data})
        return command_from(read_event, ORIGIN, lambda: f"allocation-{len(self._told)}")

    def _work(self) -> None:
        worked = True
        while worked:
            due, self._waiting = self._waiting, []
            for command in due:
                (result,) = self.room.decide(command).results
                if isinstance(result, HubError):
                    self._waiting.append(command)
            worked = len(self._waiting) < len(due)

    def state(self) -> tuple[int, int, int]:
        """Units on hand and allocated, and events that still could not be worked."""
        position = self.room.positions["MUG", "BER"]
        return position.on_hand, position.allocated, len(self._waiting)


@given(st.lists(st.sampled_from(range(len(LIFE))), max_size=6), st.permutations(range(len(LIFE))))
@explored(60)
def test_any_order_and_any_repetition_end_the_same(first: list[int], then: list[int]) -> None:
    shop = Shop()
    for delivery in first + then:
        shop.tell(LIFE[delivery], delivery)
    assert shop.state() == (units(9), units(0), 0)
    shop.tell(LEVEL, 99)
    assert shop.state() == (units(9), units(0), 0)


def test_the_last_copy_of_an_order_tells_all_of_it() -> None:
    shop = Shop()
    shop.tell(LIFE[-1], 0)
    assert shop.state() == (units(9), units(0), 0)


def test_a_level_told_while_an_order_waits_is_not_short_by_it_twice() -> None:
    """Ten on the shelf, four ordered: Shopify says that six are available."""
    shop = Shop()
    shop.tell(("inventory_levels/update", {**LEVEL[1], "available": 6}), 1)
    shop.tell(LIFE[0], 2)
    assert shop.state() == (units(10), units(4), 0)


def test_an_order_that_is_cancelled_frees_what_it_holds_whatever_was_told_before() -> None:
    refund = {**REFUND, "refund_line_items": REFUNDED[1:]}
    cancelled = order(3, refunds=[refund], cancelled_at="2031-05-01T10:40:00Z")
    told: list[Webhook] = [
        ("orders/create", order(4)),
        ("orders/cancelled", cancelled),
        ("refunds/create", refund),
        ("orders/delete", {"id": 5501}),
    ]
    for places in ((0, 1, 2, 3), (0, 2, 1, 3), (1, 2, 0, 3), (1, 3, 2, 0)):
        shop = Shop()
        for place in places:
            shop.tell(told[place], place)
        assert shop.state() == (units(10), units(0), 0)
