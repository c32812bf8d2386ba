"""Counts of Shopify: what an inventory item has at a location."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from workers.formats.json_fields import warning
from workers.formats.reading import Reading
from workers.formats.shopify_message import Message


def read_level(message: Message) -> Iterator[Reading]:
    """`available` as a count that includes the orders up to its moment.

    It is what is on hand without what is committed to orders, reserved or set aside: a count with
    a watermark is exactly that, and the orders in it are not taken off a second time.
    """
    body = message.body
    item, location = _where(message)
    if not body.has("available"):
        problem = f"inventory item {item} is not tracked at {location}: it has no count"
        yield warning("UNTRACKED", problem, message.line, body.at("available"))
        return
    data: dict[str, Any] = {"sku": item, "location": location}
    data["onHand"] = body.quantity("available")
    counted_at = body.find_time("updated_at")
    # The document tells whole seconds: of two counts in one, the trigger tells the later.
    if as_of := message.told_at or counted_at:
        data["asOf"] = as_of.isoformat()
    if counted_at:
        data["includesOrdersUpTo"] = counted_at.isoformat()
    yield message.change("stock.set", data, f"{item}@{location}", counted_at)


def read_end_of_level(message: Message) -> Iterator[Reading]:
    """An item that is no longer stocked at a location: none of it is left to sell there."""
    item, location = _where(message)
    data: dict[str, Any] = {"sku": item, "location": location, "onHand": 0}
    if message.told_at:
        data["asOf"] = message.told_at.isoformat()
    data["reason"] = "no longer stocked at this location"
    yield message.change("stock.set", data, f"{item}@{location}")


def _where(message: Message) -> tuple[str, str]:
    body = message.body
    query = body.text("admin_graphql_api_id").partition("?")[2]
    in_global_id = parse_qs(query, max_num_fields=20).get("inventory_item_id", [None])[0]
    item = message.exact(body, "inventory_item_id", in_global_id)
    return item, message.exact(body, "location_id")
