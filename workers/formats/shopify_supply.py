"""What is on its way in Shopify: inventory shipments and transfers as supply lines."""

from collections.abc import Iterator
from typing import Any

from workers.formats.json_fields import Node, failure, warning
from workers.formats.reading import Finding, Reading
from workers.formats.shopify_message import Message, tail_of


def read_incoming(message: Message) -> Iterator[Reading]:
    """Supply lines of a shipment, or of a transfer where the source takes them from there.

    Not of both: the shipments of a transfer bring the same units.
    """
    if _is_taken_elsewhere(message):
        yield _taken_elsewhere(message)
        return
    body = message.body
    tracking = body.find("tracking")
    eta = tracking.find_time("arrives_at") if tracking else None
    eta = eta or body.find_time("expected_arrival_at")
    for line in body.list("line_items") + body.list("items_added"):
        where = _where(message, line)
        if isinstance(where, Finding):
            yield where
        elif eta is None:
            problem = f"{where['document']} does not say when it arrives (tracking.arrives_at)"
            yield failure("NO_DATE", problem, message.line, line.path)
        else:
            data = {**where, "quantity": line.quantity("quantity"), "eta": eta.isoformat()}
            key = tail_of(line.name("id"))
            yield message.change("supply.scheduled", data, key, body.find_time("happened_at"))


def read_received(message: Message) -> Iterator[Reading]:
    """What a shipment brought since it was told last. What is rejected is not stock."""
    for line in message.body.list("items_received"):
        where = _where(message, line)
        if isinstance(where, Finding):
            yield where
            continue
        units = line.count("new_accepted_quantity") - line.count("old_accepted_quantity")
        if units <= 0:
            problem = f"{max(0, units)} units more were accepted: nothing came into stock"
            yield warning("NOTHING_RECEIVED", problem, message.line, line.path)
            continue
        key = tail_of(line.name("id"))
        told_at = message.body.find_time("happened_at")
        yield message.change("supply.received", {**where, "quantity": units}, key, told_at)


def read_cancelled(message: Message) -> Iterator[Reading]:
    """A shipment or transfer that will not come."""
    if _is_taken_elsewhere(message):
        yield _taken_elsewhere(message)
        return
    lines = message.body.list("line_items") + message.body.list("items_removed")
    if not lines:
        problem = f"{_document_of(message.body)} is gone, and its items are not told with it"
        yield failure("NO_ITEM", problem, message.line)
    for line in lines:
        where = _where(message, line)
        if isinstance(where, Finding):
            yield where
        else:
            key = tail_of(line.name("id"))
            yield message.change("supply.cancelled", where, key)


def _where(message: Message, line: Node) -> dict[str, Any] | Finding:
    """The item, place and document of a line, or what of it is not told.

    Webhooks name the line only. A source that asks the Admin API for the line and adds the item
    (`inventory_item_id`, or `inventoryItem` as GraphQL answers it) has it read.
    """
    item = line.find("inventory_item", "inventoryItem")
    if item is not None:
        sku: str | None = tail_of(item.name("id"))
    elif line.has("inventory_item_id"):
        sku = message.exact(line, "inventory_item_id")
    else:
        sku = line.find_name("sku")
    if sku is None:
        problem = "names no inventory item: ask the Admin API for the line, or poll the levels"
        return failure("NO_ITEM", problem, message.line, line.path)
    destination = message.body.find("destination")
    location = tail_of(destination.name("id")) if destination else message.options.get("location")
    if location is None:
        problem = "names no destination: set the option location"
        return failure("NO_LOCATION", problem, message.line, line.path)
    return {"sku": sku, "location": location, "document": _document_of(message.body)}


def _document_of(body: Node) -> str:
    """`InventoryShipment/42` of `gid://shopify/InventoryShipment/42`."""
    return body.name("id").removeprefix("gid://shopify/")


def _family(message: Message) -> str:
    return message.topic.partition("/")[0].removeprefix("inventory_")


def _is_taken_elsewhere(message: Message) -> bool:
    taken: str = message.options.get("supply_from", "shipments")
    return _family(message) != taken


def _taken_elsewhere(message: Message) -> Finding:
    taken = message.options.get("supply_from", "shipments")
    problem = f"topic {message.topic!r}: supply lines are taken from {taken} (supply_from)"
    return warning("NO_STOCK", problem, message.line)
