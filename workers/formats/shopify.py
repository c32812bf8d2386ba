"""Shopify's webhooks, told apart by topic: levels, orders, refunds, fulfilments, shipments.

What happens to an order has the id of the fact (a fulfilment, a refund), for one fact comes in
several topics. All else has that of the event, `x-shopify-event-id`, which is the same on every
delivery of it; `x-shopify-webhook-id` is that of a delivery to one subscription of several.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final

from hub.domain.errors import InvalidInput
from hub.domain.values import time_from
from workers.formats.json_documents import read_each
from workers.formats.json_fields import node_of, readings_or_finding, warning
from workers.formats.known_options import check_choice, check_known, check_text
from workers.formats.reading import Envelope, Format, Reading
from workers.formats.shopify_levels import read_end_of_level, read_level
from workers.formats.shopify_message import Message
from workers.formats.shopify_orders import (
    read_deleted_order,
    read_fulfilment,
    read_order,
    read_refund,
)
from workers.formats.shopify_supply import read_cancelled, read_incoming, read_received

_OPTIONS: Final = ("topic", "channel", "line_item", "location", "supply_from")
_LISTS: Final = {"inventory_levels": "inventory_levels/update", "orders": "orders/updated"}
"""What the Admin API answers a poll with, and the topic that tells the same."""

_READERS: Final[Mapping[str, Callable[[Message], Iterator[Reading]]]] = {
    "inventory_levels/connect": read_level,
    "inventory_levels/update": read_level,
    "inventory_levels/disconnect": read_end_of_level,
    "orders/create": read_order,
    "orders/updated": read_order,
    "orders/paid": read_order,
    "orders/partially_fulfilled": read_order,
    "orders/fulfilled": read_order,
    "orders/cancelled": read_order,
    "orders/delete": read_deleted_order,
    "fulfillments/create": read_fulfilment,
    "fulfillments/update": read_fulfilment,
    "refunds/create": read_refund,
    "inventory_shipments/create": read_incoming,
    "inventory_shipments/create_in_transit": read_incoming,
    "inventory_shipments/add_items": read_incoming,
    "inventory_shipments/update_tracking": read_incoming,
    "inventory_shipments/receive_items": read_received,
    "inventory_shipments/remove_items": read_cancelled,
    "inventory_shipments/delete": read_cancelled,
    "inventory_transfers/ready_to_ship": read_incoming,
    "inventory_transfers/add_items": read_incoming,
    "inventory_transfers/remove_items": read_cancelled,
    "inventory_transfers/cancel": read_cancelled,
    # What has come of it was received by its shipments; nothing more will.
    "inventory_transfers/complete": read_cancelled,
}
_WITHOUT_STOCK: Final = {
    "orders/edited": "names lines and no items; orders/updated tells what the edit left",
    "fulfillment_orders/": "says who is to ship; fulfillments tell what has left",
    "inventory_items/": "describes the item; inventory_levels count it",
    "inventory_transfers/": "tells a state; its shipments tell what moves",
    "inventory_shipments/": "tells a state; items are scheduled and received by other topics",
    "locations/": "describes the place; inventory_levels count what lies there",
    "products/": "has totals over all locations at most; inventory_levels count each",
    "returns/": "says what may come back; refunds tell what has",
}


def _check(options: Mapping[str, Any]) -> None:
    check_known(options, _OPTIONS)
    check_text(options, "topic", "channel", "location")
    check_choice(options, "line_item", ("sku", "variant_id"))
    check_choice(options, "supply_from", ("shipments", "transfers"))


def _read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    return read_each(
        content, lambda value, line: _messages(value, line, options, envelope), "a webhook"
    )


def _messages(
    value: Any, line: int, options: Mapping[str, Any], envelope: Envelope
) -> Iterator[Reading]:
    body = node_of(value)
    for name, told_by in _LISTS.items():
        if isinstance(body.get(name), list):
            for entry in body.list(name):
                message = Message(told_by, entry, line, options)
                yield from readings_or_finding(_read_message(message), line)
            return
    headers = envelope.headers
    detail = body.value.get("detail")
    if isinstance(detail, Mapping) and "payload" in detail:
        # EventBridge carries no headers: Shopify puts them beside the document.
        node = node_of(detail, "detail")
        headers = {name.lower(): str(one) for name, one in node.object("metadata").value.items()}
        body = node.object("payload")
    topic = headers.get("x-shopify-topic") or options.get("topic")
    if topic is None:
        problem = "is missing: webhooks have it as a header; for all else set the option topic"
        raise InvalidInput(field="x-shopify-topic", problem=problem)
    event = headers.get("x-shopify-event-id")
    yield from _read_message(
        Message(topic, body, line, options, event or None, _triggered_at(headers))
    )


def _read_message(message: Message) -> Iterator[Reading]:
    topic = message.topic
    if reader := _READERS.get(topic):
        yield from reader(message)
        yield from message.doubts
        return
    known = (why for start, why in _WITHOUT_STOCK.items() if topic.startswith(start))
    why = next(known, "is none that the hub reads")
    yield warning("NO_STOCK", f"topic {topic[:100]!r} {why}", message.line)


def _triggered_at(headers: Mapping[str, str]) -> datetime | None:
    value = headers.get("x-shopify-triggered-at")
    try:
        return None if value is None else time_from(value, "x-shopify-triggered-at")
    except InvalidInput:
        return None


FORMAT: Final = Format(
    name="shopify",
    summary="Shopify: webhooks by topic, and the lists of levels and orders of its Admin API.",
    media_types=("application/json",),
    check=_check,
    read=_read,
)
