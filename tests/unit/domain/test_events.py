"""Each type of event asks for one command."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.domain import commands as c
from hub.domain.events import EVENT_TYPES, Event, command_from, event_from
from tests.unit.builders import NOW, ORIGIN, line, units

HOLD = "01234567-89ab-7def-8123-456789abcdef"


def told(kind: str, data: dict[str, Any], **attributes: Any) -> c.Command:
    """The command of an event as it comes in; an order's own allocation would be `new`."""
    raw = {"specversion": "1.0", "id": "17", "source": "wms", "type": kind, "data": data}
    return command_from(event_from(raw | attributes), ORIGIN, lambda: "new")


def test_an_envelope_keeps_what_the_hub_reads() -> None:
    raw = {
        "specversion": "1.0",
        "id": "17",
        "source": "wms",
        "type": "stock.set",
        "time": "2031-05-01T14:00:00+02:00",
        "data": {"sku": "MUG"},
        "datacontenttype": "application/json",
        "traceparent": "an extension",
    }
    assert event_from(raw) == Event("17", "stock.set", NOW, {"sku": "MUG"})


@pytest.mark.parametrize(
    "text",
    [
        "2031-05-01T12:00:00Z",
        "2031-05-01T12:00:00+00:00",
        "2031-05-01T14:00:00.000+02:00",
        "2031-04-30T22:30:00-13:30",
    ],
)
def test_a_time_with_any_offset_is_the_same_moment_in_utc(text: str) -> None:
    event = event_from(
        {"specversion": "1.0", "id": "1", "type": "stock.set", "data": {}, "time": text}
    )
    assert event.time == NOW
    assert event.time is not None
    assert event.time.tzinfo is UTC


def test_stock_set_asks_for_a_count() -> None:
    data = {
        "sku": "MUG",
        "location": "BER",
        "onHand": 2.5,
        "asOf": "2031-05-01T12:00:00Z",
        "unavailable": "0.5",
        "reason": "stocktaking",
    }
    assert told("stock.set", data) == c.SetStock(
        sku="MUG",
        location="BER",
        on_hand=units(2.5),
        origin=ORIGIN,
        as_of=NOW,
        unavailable=units(0.5),
        if_version=None,
        reason="stocktaking",
    )


def test_a_count_without_a_time_of_its_own_was_taken_at_the_time_of_its_event() -> None:
    count = {"sku": "MUG", "location": "BER", "onHand": -1}
    with_time = told("stock.set", count, time="2031-05-01T12:00:00Z")
    assert with_time == c.SetStock("MUG", "BER", units(-1), ORIGIN, NOW)
    own = told("stock.set", count | {"asOf": "2030-01-01T00:00:00Z"}, time="2031-05-01T12:00:00Z")
    assert isinstance(own, c.SetStock)
    assert own.as_of == datetime(2030, 1, 1, tzinfo=UTC)
    without = told("stock.set", count)
    assert isinstance(without, c.SetStock)
    assert without.as_of is None


def test_null_is_the_same_as_leaving_out() -> None:
    count = {"sku": "MUG", "location": "BER", "onHand": 1}
    nothing = {"unavailable": None, "asOf": None, "reason": None}
    assert told("stock.set", count | nothing, time=None) == told("stock.set", count)


def test_stock_adjusted_asks_for_a_change_with_its_reason() -> None:
    data = {"sku": "MUG", "location": "BER", "delta": -3, "reason": "broken"}
    assert told("stock.adjusted", data) == c.AdjustStock("MUG", "BER", units(-3), "broken", ORIGIN)


@pytest.mark.parametrize("quantity", [0, 6])
def test_supply_scheduled_asks_to_expect_a_receipt_or_none_any_more(quantity: int) -> None:
    data = {
        "sku": "MUG",
        "location": "BER",
        "quantity": quantity,
        "eta": "2031-05-01T12:00:00Z",
        "document": "PO-1",
    }
    expected = c.ScheduleSupply("MUG", "BER", units(quantity), NOW, "PO-1", ORIGIN)
    assert told("supply.scheduled", data) == expected


def test_supply_changed_asks_for_what_it_names_and_leaves_the_rest() -> None:
    data = {"sku": "MUG", "location": "BER", "document": "PO-1"}
    told_at = {"time": "2031-05-01T12:00:00Z"}
    assert told("supply.changed", data | {"quantity": 4}, **told_at) == c.ChangeSupply(
        "MUG", "BER", units(4), None, "PO-1", ORIGIN, NOW
    )
    assert told("supply.changed", data | {"eta": "2031-05-01T12:00:00Z"}) == c.ChangeSupply(
        "MUG", "BER", None, NOW, "PO-1", ORIGIN
    )


def test_supply_cancelled_asks_to_expect_nothing_more() -> None:
    data = {"sku": "MUG", "location": "BER", "document": "PO-1"}
    expected = c.CancelSupply("MUG", "BER", "PO-1", ORIGIN, NOW)
    assert told("supply.cancelled", data, time="2031-05-01T12:00:00Z") == expected


@pytest.mark.parametrize(
    ("text", "watermark"),
    [
        ("2031-05-01T12:00:00Z", {"includes_orders_to": NOW}),
        ("O-17", {"includes_order": "O-17"}),
        (None, {}),
    ],
)
def test_a_count_may_say_which_orders_it_includes(
    text: str | None, watermark: dict[str, object]
) -> None:
    data = {"sku": "MUG", "location": "BER", "onHand": 1, "includesOrdersUpTo": text}
    count = told("stock.set", data)
    assert isinstance(count, c.SetStock)
    assert count == c.SetStock("MUG", "BER", units(1), ORIGIN)._replace(**watermark)  # type: ignore[arg-type]
    assert count.has_watermark is bool(watermark)


def test_supply_received_asks_to_put_units_on_hand() -> None:
    data = {"sku": "MUG", "location": "BER", "quantity": 6, "document": "PO-1"}
    expected = c.ReceiveSupply("MUG", "BER", units(6), "PO-1", ORIGIN)
    assert told("supply.received", data) == expected
    grain = c.ReceiveSupply("MUG", "BER", 1, "PO-1", ORIGIN)
    assert told("supply.received", data | {"quantity": 0.001}) == grain


def test_order_placed_asks_for_an_allocation_with_a_new_id() -> None:
    lines = [
        {"sku": "MUG", "quantity": 2, "reservation": HOLD.upper()},
        {"sku": "L", "quantity": 1},
    ]
    assert told("order.placed", {"order": "O-1", "channel": "web", "lines": lines}) == c.PlaceOrder(
        order="O-1",
        channel="web",
        lines=(line("MUG", 2, hold=HOLD), line("L", 1)),
        reservation="new",
        origin=ORIGIN,
    )


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("order.cancelled", c.CancelOrder),
        ("order.shipped", c.ShipOrder),
        ("order.returned", c.ReturnOrder),
    ],
)
def test_what_becomes_of_an_order_may_name_lines_or_mean_all(kind: str, command: type) -> None:
    named = {"order": "O-1", "lines": [{"sku": "MUG", "quantity": 0.5, "location": "HAM"}]}
    assert told(kind, named) == command("O-1", (line("MUG", 0.5, location="HAM"),), ORIGIN)
    assert told(kind, {"order": "O-1"}) == command("O-1", None, ORIGIN)
    assert told(kind, {"order": "O-1", "lines": None}) == command("O-1", None, ORIGIN)


def test_fields_nobody_knows_are_passed_over() -> None:
    data = {"sku": "MUG", "location": "BER", "quantity": 1, "document": "PO-1", "price": "2.50"}
    assert isinstance(told("supply.received", data), c.ReceiveSupply)


def test_the_types_are_those_of_the_contract() -> None:
    assert set(EVENT_TYPES) == {
        "stock.set",
        "stock.adjusted",
        "supply.scheduled",
        "supply.changed",
        "supply.received",
        "supply.cancelled",
        "order.placed",
        "order.cancelled",
        "order.shipped",
        "order.returned",
    }
