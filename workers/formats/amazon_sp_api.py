"""Amazon's Selling Partner API: notifications by type, inventory lists and listing feeds.

A notification has its id (`NotificationId`) wherever it is sent again. Names of its fields begin
with a capital letter in some types and with a small one in others: both are read in all.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from workers.formats.amazon_listings import read_feed, read_fulfilment_inventory, read_vendor_stock
from workers.formats.amazon_notification import Notification
from workers.formats.amazon_orders import read_fulfilment_order, read_order
from workers.formats.json_documents import read_each
from workers.formats.json_fields import Node, node_of, warning
from workers.formats.known_options import check_known, check_text
from workers.formats.reading import Envelope, Format, Reading

_OPTIONS: Final = ("location", "channel")
_WRAPPERS: Final = ("detail", "Message")
"""Where EventBridge and SNS put a notification."""


def _check(options: Mapping[str, Any]) -> None:
    check_known(options, _OPTIONS)
    check_text(options, *_OPTIONS)


def _read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    return read_each(
        content, lambda value, line: _read_document(value, line, options), "a notification"
    )


def _read_document(value: Any, line: int, options: Mapping[str, Any]) -> Iterator[Reading]:
    node = node_of(value)
    wrapped = next((node.get(name) for name in _WRAPPERS if node.has(name)), None)
    if isinstance(wrapped, Mapping):
        node = node_of(wrapped, "detail")
    if node.has("notificationType", "NotificationType"):
        yield from _read_notification(node, line, options)
    elif node.has("messages"):
        yield from read_feed(node, line)
    elif node.has("responses"):
        yield from read_fulfilment_inventory(node, line)
    elif node.has("inventory"):
        yield from read_vendor_stock(node, line, options)
    else:
        yield warning("NO_STOCK", "is neither a notification nor a list of inventory", line)


def _read_notification(node: Node, line: int, options: Mapping[str, Any]) -> Iterator[Reading]:
    kind = node.text("NotificationType", "notificationType")
    metadata = node.find("NotificationMetadata", "notificationMetadata")
    notification = Notification(
        node.object("Payload", "payload"),
        line,
        options,
        metadata.find_name("NotificationId", "notificationId") if metadata else None,
        node.find_time("EventTime", "eventTime"),
    )
    if reader := _READERS.get(kind):
        yield from reader(notification)
        return
    why = _WITHOUT_STOCK.get(kind, "is none that the hub reads")
    yield warning("NO_STOCK", f"notification {kind[:100]!r} {why}", line)


def _fba_availability(notification: Notification) -> Iterator[Reading]:
    """What Amazon can send out of its own warehouses, by marketplace."""
    payload = notification.payload
    sku = payload.name("SKU", "Sku", "sku")
    for place in payload.list("FulfillmentInventoryByMarketplace"):
        stock = place.object("FulfillmentInventory")
        location = place.name("MarketplaceId")
        # Fulfillable leaves out what is set aside for customers' orders.
        yield notification.stock(sku, location, stock.quantity("Fulfillable"), orders_off=True)
        inbound = stock.find("InboundQuantityBreakdown")
        coming = [inbound.quantity(name) for name in inbound.value] if inbound else []
        if inbound and any(coming):
            problem = f"{sku} is inbound, but no date is told: it is no supply line"
            yield warning("NO_DATE", problem, notification.line, inbound.path)


def _retail_inventory(notification: Notification) -> Iterator[Reading]:
    """What Amazon itself has of a vendor's items at the end of an hour."""
    for change in notification.payload.list("itemInventoryEventChanges"):
        yield notification.stock(
            change.name("asin"),
            change.name("marketplaceId"),
            change.quantity("highlyAvailableInventory"),
            as_of=change.find_time("endTime"),
        )


def _merchant_quantity(notification: Notification) -> Iterator[Reading]:
    """The quantity of an offer that the merchant sends himself; Amazon takes orders off it."""
    payload = notification.payload
    quantity = payload.quantity("Quantity")
    location = payload.name("FulfillmentChannelCode")
    yield notification.stock(payload.name("Sku"), location, quantity, orders_off=True)


_READERS: Final[Mapping[str, Callable[[Notification], Iterator[Reading]]]] = {
    "FBA_INVENTORY_AVAILABILITY_CHANGES": _fba_availability,
    "ITEM_INVENTORY_EVENT_CHANGE": _retail_inventory,
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE": _merchant_quantity,
    "ORDER_CHANGE": read_order,
    "FULFILLMENT_ORDER_STATUS": read_fulfilment_order,
}
_WITHOUT_STOCK: Final = {
    "LISTINGS_ITEM_STATUS_CHANGE": "says whether an offer is shown, not how many there are",
}

FORMAT: Final = Format(
    name="amazon_sp_api",
    summary="Amazon SP-API: notifications of stock and orders, inventory lists, listing feeds.",
    media_types=("application/json",),
    check=_check,
    read=_read,
)
