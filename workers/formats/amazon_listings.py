"""Lists of inventory in the shapes of Amazon: what a seller submits, and what it answers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hub.domain.errors import InvalidInput
from workers.formats.json_fields import Node, failure, node_of, readings_or_finding, warning
from workers.formats.reading import Change, Place, Reading

_AVAILABILITY: Final = "fulfillment_availability"
_SETS: Final = ("add", "replace", "merge")


def read_feed(feed: Node, line: int) -> Iterator[Reading]:
    """The quantities of a listings feed, by fulfilment channel."""
    for message in feed.list("messages"):
        yield from readings_or_finding(_feed_message(message, line), line)


def _feed_message(message: Node, line: int) -> Iterator[Reading]:
    sku = message.name("sku")
    found = False
    for offer in _offers(message):
        found = True
        data: dict[str, Any] = {"sku": sku, "location": offer.name("fulfillment_channel_code")}
        if not offer.has("quantity"):
            problem = f"{sku} is told without a quantity at {data['location']}"
            yield warning("NO_STOCK", problem, line, offer.path)
            continue
        yield Change("stock.set", {**data, "onHand": offer.quantity("quantity")}, Place(line))
    if not found:
        kind = message.text("operationType")[:50]
        problem = f"{kind or 'a message'} of {sku} sets no fulfillment_availability"
        yield warning("NO_STOCK", problem, line, message.path)


def _offers(message: Node) -> Iterator[Node]:
    attributes = message.find("attributes")
    if attributes:
        yield from attributes.list(_AVAILABILITY)
    for patch in message.list("patches"):
        if patch.text("op") not in _SETS or patch.text("path") != f"/attributes/{_AVAILABILITY}":
            continue
        yield from patch.list("value")


def read_fulfilment_inventory(answer: Node, line: int) -> Iterator[Reading]:
    """Answers of the external fulfilment inventory API: what lies at a location."""
    for response in answer.list("responses"):
        yield from readings_or_finding(_location_stock(response, line), line)


def _location_stock(response: Node, line: int) -> Iterator[Reading]:
    body = response.object("body")
    errors = body.list("actionableErrors")
    if errors or not body.has("sellableQuantity"):
        kind = errors[0].text("errorType")[:50] if errors else "no quantity is told"
        sku = body.find_name("skuId")
        yield failure("REFUSED", f"{sku or 'the request'}: {kind}", line, response.path)
        return
    # Reserved units wait for their shipment: they are still on the shelf.
    sellable, reserved = body.count("sellableQuantity"), 0
    if body.has("reservedQuantity"):
        reserved = body.count("reservedQuantity")
    sku, location = body.name("skuId"), body.name("locationId")
    data = {"sku": sku, "location": location, "onHand": sellable + reserved}
    sequence = body.find_name("clientSequenceNumber")
    id = None if sequence is None else f"{sku}@{location}:{sequence}"
    yield Change("stock.set", data, Place(line), id=id)


def read_vendor_stock(update: Node, line: int, options: Mapping[str, Any]) -> Iterator[Reading]:
    """A direct-fulfilment vendor's update of one warehouse; `isFullUpdate` makes it a whole."""
    location = options.get("location")
    if location is None:
        problem = "the warehouse is not in the message: set the option location"
        raise InvalidInput(field="location", problem=problem)
    inventory = update.object("inventory")
    whole = inventory.get("isFullUpdate") is True
    items = inventory.get("items")
    if not isinstance(items, list):
        raise InvalidInput(field=inventory.at("items"), problem="must be a list")
    for place, value in enumerate(items):
        item = node_of(value, f"{inventory.at('items')}[{place}]")
        yield from readings_or_finding(_vendor_item(item, line, location, whole), line)


def _vendor_item(item: Node, line: int, location: str, whole: bool) -> Iterator[Reading]:
    sku = item.name("vendorProductIdentifier", "buyerProductIdentifier")
    gone = item.get("isObsolete") is True
    quantity = 0 if gone else item.object("availableQuantity").quantity("amount")
    data: dict[str, Any] = {"sku": sku, "location": location, "onHand": quantity}
    if gone:
        data["reason"] = "obsolete"
    yield Change("stock.set", data, Place(line), snapshot=whole)
