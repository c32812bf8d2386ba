"""Orders at Amazon: those of customers, and those that its warehouses send out for the merchant.

A notification tells the state that an order is in, so each change has the id of the fact and not
that of the notification: the state told again is nothing new.
"""

from collections.abc import Iterator
from typing import Any, Final

from workers.formats.amazon_notification import Notification
from workers.formats.json_documents import digest
from workers.formats.json_fields import Node, warning
from workers.formats.reading import Change, Place, Reading
from workers.formats.unit_facts import unit_keys

_CANCELLED: Final = ("Canceled", "Unfulfillable")
_SHIPPED: Final = ("Shipped", "InvoiceUnconfirmed")
_ENDED: Final = {
    "CANCELLED": "order.cancelled",
    "INVALID": "order.cancelled",
    "UNFULFILLABLE": "order.cancelled",
    "COMPLETE": "order.shipped",
}


def read_order(notification: Notification) -> Iterator[Reading]:
    """A customer's order in the state that it is in now."""
    told = notification.payload.object("OrderChangeNotification")
    order = told.name("AmazonOrderId")
    summary = told.object("Summary")
    status = summary.text("OrderStatus")
    if status in _CANCELLED:
        yield _fact(notification, "order.cancelled", {"order": order}, f"order:{order}:cancelled")
        return
    items = summary.list("OrderItems")
    lines = [line for item in items if (line := _line(item))]
    if lines:
        channel = notification.options.get("channel") or summary.name("MarketplaceId")
        data = {"order": order, "channel": channel, "lines": lines}
        placed_at = summary.find_time("PurchaseDate")
        yield Change(
            "order.placed",
            data,
            Place(notification.line),
            placed_at,
            f"order:{order}:placed:{digest(data)}",
        )
    else:
        problem = f"order {order} names no items: nothing is allocated for it"
        yield warning("NO_STOCK", problem, notification.line, summary.at("OrderItems"))
    if _is_asked_to_cancel(items):
        problem = f"the buyer of order {order} asks to cancel: it stands until it is cancelled"
        yield warning("CANCEL_REQUESTED", problem, notification.line, summary.at("OrderItems"))
    if status in _SHIPPED and not any(item.has("QuantityShipped") for item in items):
        yield _fact(notification, "order.shipped", {"order": order}, f"order:{order}:shipped")
    for item in items:
        yield from _shipped_units(notification, order, item)


def _line(item: Node) -> dict[str, Any] | None:
    quantity = item.quantity("Quantity")
    return {"sku": item.name("SellerSKU"), "quantity": quantity} if quantity else None


def _is_asked_to_cancel(items: list[Node]) -> bool:
    return any(item.get("IsBuyerRequestedCancel") is True for item in items)


def _shipped_units(notification: Notification, order: str, item: Node) -> Iterator[Reading]:
    """Amazon tells how many of a line have left in all: each unit is an event, which happens
    once, in whichever notification it is seen first."""
    if not item.has("QuantityShipped"):
        return
    key = item.name("OrderItemId")
    for unit in unit_keys(item.count("QuantityShipped"), item.at("QuantityShipped")):
        data = {"order": order, "lines": [{"sku": item.name("SellerSKU"), "quantity": 1}]}
        yield _fact(notification, "order.shipped", data, f"order:{order}:{key}:shipped:{unit}")


def read_fulfilment_order(notification: Notification) -> Iterator[Reading]:
    """An order that Amazon's warehouses send out: when it is done, and what came back of it."""
    told = notification.payload.object("FulfillmentOrderStatusNotification")
    order = told.name("SellerFulfillmentOrderId")
    status = told.text("FulfillmentOrderStatus")
    if kind := _ENDED.get(status):
        yield _fact(notification, kind, {"order": order}, f"order:{order}:{status}")
    else:
        problem = f"fulfilment order {order} is {status[:50]}: what has left is not told by item"
        yield warning("NO_STOCK", problem, notification.line, told.at("FulfillmentOrderStatus"))
    returned = told.find("FulfillmentReturnItem")
    if returned is None:
        return
    quantity = returned.quantity("ReturnedQuantity")
    if quantity:
        data = {
            "order": order,
            "lines": [{"sku": returned.name("SellerSKU"), "quantity": quantity}],
        }
        time = returned.find_time("ReceivedDateTime")
        yield notification.change("order.returned", data, "returned", time)


def _fact(notification: Notification, kind: str, data: dict[str, Any], id: str) -> Change:
    """A change without a time: the same fact in a later notification must be the same event."""
    return Change(kind, data, Place(notification.line), None, id)
