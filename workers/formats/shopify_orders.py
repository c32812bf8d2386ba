"""Orders of Shopify with their fulfilments and refunds.

Each change has the id of the fact it tells: the same fulfilment comes by itself and in every later
copy of its order, and is the same event each time. So any order topic may be lost or repeated, and
the next copy of the order tells what is missing.
"""

from collections.abc import Iterator
from typing import Any, Final

from hub.domain.errors import InvalidInput
from workers.formats.json_documents import digest
from workers.formats.json_fields import Node, failure, warning
from workers.formats.reading import Finding, Reading
from workers.formats.shopify_message import Message, tail_of
from workers.formats.unit_facts import unit_keys

_SHIPPED: Final = "success"
_ON_ITS_WAY_OUT: Final = ("pending", "open")
_TAKEN_BACK: Final = "cancelled"


def read_order(message: Message) -> Iterator[Reading]:
    """A copy of an order: what it asks for, what was shipped, refunded and taken out of it."""
    body = message.body
    order = _order_id(message, body, "id")
    lines: list[dict[str, Any]] = []
    for node in body.list("line_items"):
        line = _line(message, node)
        if isinstance(line, Finding):
            yield line
        elif line is not None:
            lines.append(line)
    if lines:
        channel = message.options.get("channel") or body.find_name("source_name")
        if channel is None:
            raise InvalidInput(
                field=body.at("source_name"), problem="is missing: set the option channel"
            )
        data = {"order": order, "channel": channel, "lines": lines}
        id = f"order:{order}:placed:{digest(data)}"
        yield message.fact("order.placed", data, id, body.find_time("created_at"))
    else:
        yield warning("NO_STOCK", f"order {order} asks for nothing that is stocked", message.line)
    for fulfilment in body.list("fulfillments"):
        yield from _fulfilment(message, fulfilment, order)
    refunds = body.list("refunds")
    for refund in refunds:
        yield from _refund(message, refund, order)
    cancelled_at = body.find_time("cancelled_at")
    if cancelled_at:
        data = {"order": order}
        yield message.fact("order.cancelled", data, f"order:{order}:cancelled", cancelled_at)
    else:
        yield from _taken_out(message, order, refunds)


def read_deleted_order(message: Message) -> Iterator[Reading]:
    """An order that is gone frees what it still holds; Shopify deletes cancelled ones only."""
    order = _order_id(message, message.body, "id")
    yield message.fact("order.cancelled", {"order": order}, f"order:{order}:deleted", None)


def read_fulfilment(message: Message) -> Iterator[Reading]:
    """Units that left, once the fulfilment has succeeded."""
    order = message.exact(message.body, "order_id")
    yield from _fulfilment(message, message.body, order)


def read_refund(message: Message) -> Iterator[Reading]:
    """What a refund does to stock, by the restock type of each line."""
    order = message.exact(message.body, "order_id")
    yield from _refund(message, message.body, order)


def _order_id(message: Message, node: Node, name: str) -> str:
    return message.exact(node, name, tail_of(node.text("admin_graphql_api_id")))


def _fulfilment(message: Message, node: Node, order: str) -> Iterator[Reading]:
    id = message.exact(node, "id", tail_of(node.text("admin_graphql_api_id")))
    status = node.text("status")
    if status in _ON_ITS_WAY_OUT:
        problem = f"fulfilment {id} is {status}: its units have not left yet"
        yield warning("NOT_SHIPPED_YET", problem, message.line, node.at("status"))
        return
    if status not in (_SHIPPED, _TAKEN_BACK):
        problem = f"fulfilment {id} is {status[:50] or 'without status'}: nothing has left"
        yield warning("NOT_SHIPPED", problem, message.line, node.at("status"))
        return
    lines: list[dict[str, Any]] = []
    location = message.exact(node, "location_id") if node.has("location_id") else None
    for one in node.list("line_items"):
        line = _line(message, one)
        if isinstance(line, Finding):
            yield line
        elif line is not None:
            lines.append(line if location is None else {**line, "location": location})
    if not lines:
        return
    data = {"order": order, "lines": lines}
    happened_at = node.find_time("created_at")
    yield message.fact("order.shipped", data, f"fulfillment:{id}", happened_at)
    if status == _TAKEN_BACK:
        problem = f"fulfilment {id} is cancelled: its units are back on hand, and not allocated"
        yield warning("FULFILMENT_CANCELLED", problem, message.line, node.at("status"))
        yield message.fact("order.returned", data, f"fulfillment:{id}:cancelled", happened_at)


def _refund(message: Message, node: Node, order: str) -> Iterator[Reading]:
    id = message.exact(node, "id", tail_of(node.text("admin_graphql_api_id")))
    cancelled: list[dict[str, Any]] = []
    returned: list[dict[str, Any]] = []
    for refunded in node.list("refund_line_items"):
        item = refunded.object("line_item")
        line = _line(message, item, refunded)
        restock = refunded.text("restock_type")
        if isinstance(line, Finding):
            yield line
        elif line is None:
            continue
        elif restock == "cancel":
            cancelled.append(line)
        elif restock == "return":
            if refunded.has("location_id"):
                line["location"] = message.exact(refunded, "location_id")
            returned.append(line)
        elif restock == "no_restock":
            problem = f"{line['quantity']} of {line['sku']} are refunded and not back in stock"
            yield warning("NOT_RESTOCKED", problem, message.line, refunded.path)
        else:
            problem = f"{restock[:50]!r} does not say where the units are: no stock is changed"
            yield failure("UNKNOWN_RESTOCK", problem, message.line, refunded.at("restock_type"))
    happened_at = node.find_time("created_at")
    for kind, lines in (("cancelled", cancelled), ("returned", returned)):
        if lines:
            data = {"order": order, "lines": lines}
            yield message.fact(f"order.{kind}", data, f"refund:{id}:{kind}", happened_at)
    if not node.list("refund_line_items"):
        yield warning("NO_STOCK", f"refund {id} is of money only", message.line, node.path or None)


def _taken_out(message: Message, order: str, refunds: list[Node]) -> Iterator[Reading]:
    """Units that an edit took out of the order. Copies tell how many there are in all, so each
    unit is an event: it happens once, in whichever copy it is seen first."""
    for node in message.body.list("line_items"):
        if not node.has("current_quantity"):
            continue
        line = _line(message, node)
        if line is None or isinstance(line, Finding):
            continue
        key = node.name("id")
        refunded = sum(
            one.count("quantity")
            for refund in refunds
            for one in refund.list("refund_line_items")
            if one.find_name("line_item_id") == key
        )
        total = node.count("quantity") - node.count("current_quantity") - refunded
        for unit in unit_keys(total, node.at("current_quantity")):
            data = {"order": order, "lines": [{"sku": line["sku"], "quantity": 1}]}
            id = f"order:{order}:{key}:taken_out:{unit}"
            yield message.fact("order.cancelled", data, id, message.body.find_time("created_at"))


def _line(
    message: Message, node: Node, counted: Node | None = None
) -> dict[str, Any] | Finding | None:
    """Item and quantity of a line; None where it asks for nothing."""
    if node.get("gift_card") is True:
        problem = "a gift card has no stock"
        return warning("LINE_WITHOUT_STOCK", problem, message.line, node.path)
    name = message.options.get("line_item", "sku")
    if not node.has(name) or node.get(name) == "":
        problem = f"the line has no {name}: it is no item of the catalogue (option line_item)"
        return failure("NO_ITEM", problem, message.line, node.at(name))
    quantity = (counted or node).quantity("quantity")
    if quantity == 0:
        return None
    return {"sku": node.name(name), "quantity": quantity}
