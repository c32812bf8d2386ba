"""Events from outside, turned into commands. Pure: what cannot be understood is refused with the
field and the reason, at the door and in the worker alike, for both come here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from hub.domain import commands as c
from hub.domain.errors import InvalidInput
from hub.domain.values import Quantity, identifier_from, quantity_from, text_from, time_from

MAX_EVENT_ID_LENGTH = 255
MAX_LINES = 5_000
_RESERVATION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Json = Mapping[str, Any]


class Event(NamedTuple):
    """A CloudEvent, as far as the hub reads it."""

    id: str
    type: str
    time: datetime | None
    data: Json


def event_from(raw: object) -> Event:
    """The envelope of a CloudEvents 1.0 event; `InvalidInput` names the attribute at fault."""
    # A dict first: to ask whether something is a mapping of another kind takes ten times as long.
    if not isinstance(raw, dict | Mapping):
        raise InvalidInput(field="event", problem="must be a JSON object")
    if raw.get("specversion") != "1.0":
        raise InvalidInput(field="specversion", problem="must be 1.0")
    id = raw.get("id")
    if not isinstance(id, str) or not 1 <= len(id) <= MAX_EVENT_ID_LENGTH:
        raise InvalidInput(field="id", problem=f"must have 1 to {MAX_EVENT_ID_LENGTH} characters")
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in _READERS:
        raise InvalidInput(field="type", problem=f"must be one of {', '.join(sorted(_READERS))}")
    data = raw.get("data")
    if not isinstance(data, dict | Mapping):
        raise InvalidInput(field="data", problem="must be a JSON object")
    time = raw.get("time")
    return Event(id, kind, None if time is None else time_from(time, "time"), data)


def command_from(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.Command:
    """The command that an event asks for; `InvalidInput` names the field of its data at fault.

    `new_id` gives the id of the allocation, for the events that make one.
    """
    return _READERS[event.type](event, origin, new_id)


def _stock_set(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.SetStock:
    data = event.data
    unavailable = data.get("unavailable")
    as_of = data.get("asOf")
    return c.SetStock(
        sku=_id(data, "sku"),
        location=_id(data, "location"),
        on_hand=_quantity(data, "onHand"),
        origin=origin,
        as_of=event.time if as_of is None else time_from(as_of, "data.asOf"),
        unavailable=None if unavailable is None else _not_negative(data, "unavailable"),
        reason=_text(data, "reason"),
        **_watermark(data),
    )


def _watermark(data: Json) -> dict[str, Any]:
    """What orders a count includes: up to a moment, or up to an order by its id."""
    value = data.get("includesOrdersUpTo")
    if value is None:
        return {}
    try:
        return {"includes_orders_to": time_from(value, "data.includesOrdersUpTo")}
    except InvalidInput:
        return {"includes_order": identifier_from(value, "data.includesOrdersUpTo")}


def _stock_adjusted(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.AdjustStock:
    data = event.data
    delta = _quantity(data, "delta")
    if delta == 0:
        raise InvalidInput(field="data.delta", problem="must not be 0")
    reason = text_from(data.get("reason"), "data.reason")
    return c.AdjustStock(_id(data, "sku"), _id(data, "location"), delta, reason, origin)


def _supply_scheduled(
    event: Event, origin: c.Origin, new_id: Callable[[], str]
) -> c.ScheduleSupply:
    data = event.data
    return c.ScheduleSupply(
        sku=_id(data, "sku"),
        location=_id(data, "location"),
        quantity=_not_negative(data, "quantity"),
        eta=time_from(data.get("eta"), "data.eta"),
        document=_id(data, "document"),
        origin=origin,
        told_at=event.time,
    )


def _supply_changed(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.ChangeSupply:
    data = event.data
    return c.ChangeSupply(
        sku=_id(data, "sku"),
        location=_id(data, "location"),
        quantity=None if data.get("quantity") is None else _not_negative(data, "quantity"),
        eta=None if data.get("eta") is None else time_from(data.get("eta"), "data.eta"),
        document=_id(data, "document"),
        origin=origin,
        told_at=event.time,
    )


def _supply_cancelled(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.CancelSupply:
    data = event.data
    where = _id(data, "sku"), _id(data, "location"), _id(data, "document")
    return c.CancelSupply(*where, origin, event.time)


def _supply_received(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.ReceiveSupply:
    data = event.data
    return c.ReceiveSupply(
        sku=_id(data, "sku"),
        location=_id(data, "location"),
        quantity=_positive(data, "quantity", "data."),
        document=_id(data, "document"),
        origin=origin,
    )


def _order_placed(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.PlaceOrder:
    data = event.data
    lines = _lines(data, required=True)
    assert lines is not None
    return c.PlaceOrder(
        _id(data, "order"), _id(data, "channel"), lines, new_id(), origin, event.time
    )


def _order_cancelled(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.CancelOrder:
    return c.CancelOrder(_id(event.data, "order"), _lines(event.data), origin)


def _order_shipped(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.ShipOrder:
    return c.ShipOrder(_id(event.data, "order"), _lines(event.data), origin)


def _order_returned(event: Event, origin: c.Origin, new_id: Callable[[], str]) -> c.ReturnOrder:
    return c.ReturnOrder(_id(event.data, "order"), _lines(event.data), origin)


_READERS: dict[str, Callable[[Event, c.Origin, Callable[[], str]], c.Command]] = {
    "stock.set": _stock_set,
    "stock.adjusted": _stock_adjusted,
    "supply.scheduled": _supply_scheduled,
    "supply.changed": _supply_changed,
    "supply.received": _supply_received,
    "supply.cancelled": _supply_cancelled,
    "order.placed": _order_placed,
    "order.cancelled": _order_cancelled,
    "order.shipped": _order_shipped,
    "order.returned": _order_returned,
}

EVENT_TYPES = tuple(_READERS)


def _lines(data: Json, required: bool = False) -> tuple[c.OrderLine, ...] | None:
    lines = data.get("lines")
    if lines is None and not required:
        return None
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput(field="data.lines", problem=f"must be a list of 1 to {MAX_LINES} lines")
    return tuple(_line(line, f"data.lines[{place}].") for place, line in enumerate(lines))


def _line(line: object, path: str) -> c.OrderLine:
    if not isinstance(line, dict | Mapping):
        raise InvalidInput(field=path.rstrip("."), problem="must be a JSON object")
    reservation, location = line.get("reservation"), line.get("location")
    return c.OrderLine(
        sku=identifier_from(line.get("sku"), path + "sku"),
        quantity=_positive(line, "quantity", path),
        reservation=None if reservation is None else _reservation(reservation, path),
        location=None if location is None else identifier_from(location, path + "location"),
    )


def _reservation(value: object, path: str) -> str:
    text = identifier_from(value, path + "reservation").lower()
    if not _RESERVATION.fullmatch(text):
        raise InvalidInput(field=path + "reservation", problem="is not the id of a reservation")
    return text


def _id(data: Json, name: str) -> str:
    return identifier_from(data.get(name), f"data.{name}")


def _quantity(data: Json, name: str, path: str = "data.") -> Quantity:
    return quantity_from(data.get(name), path + name)


def _not_negative(data: Json, name: str) -> Quantity:
    quantity = _quantity(data, name)
    if quantity < 0:
        raise InvalidInput(field=f"data.{name}", problem="must not be negative")
    return quantity


def _positive(data: Json, name: str, path: str) -> Quantity:
    quantity = _quantity(data, name, path)
    if quantity <= 0:
        raise InvalidInput(field=path + name, problem="must be above 0")
    return quantity


def _text(data: Json, name: str) -> str | None:
    value = data.get(name)
    return None if value is None else text_from(value, f"data.{name}")
