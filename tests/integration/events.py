"""CloudEvents of a till and a web shop, one line each."""

from itertools import count as counting
from typing import Any

from hub.bootstrap import Services
from hub.services.intake import Acceptance
from tests.integration.shop import CLERK

_numbers = counting(1)


def event(type: str, *, id: str | None = None, **data: Any) -> dict[str, Any]:
    """An event with an id of its own, unless one is given."""
    return {
        "specversion": "1.0",
        "id": id or f"event-{next(_numbers)}",
        "source": "shop",
        "type": type,
        "data": data,
    }


def counted(units: float, sku: str = "A-1", id: str | None = None, **more: Any) -> dict[str, Any]:
    """A count of the units on hand."""
    return event("stock.set", id=id, sku=sku, location="BER", onHand=units, **more)


def adjusted(delta: float, sku: str = "A-1", id: str | None = None) -> dict[str, Any]:
    """A change of the units on hand."""
    return event("stock.adjusted", id=id, sku=sku, location="BER", delta=delta, reason="told so")


def placed(order: str, units: float, sku: str = "A-1", **line: Any) -> dict[str, Any]:
    """An order of one line."""
    lines = [{"sku": sku, "quantity": units, **line}]
    return event("order.placed", order=order, channel="web", lines=lines)


def about(order: str, what: str, units: float | None = None, sku: str = "A-1") -> dict[str, Any]:
    """What becomes of an order: `shipped`, `cancelled` or `returned`, in part or as a whole."""
    told = event(f"order.{what}", order=order)
    if units is not None:
        told["data"]["lines"] = [{"sku": sku, "quantity": units}]
    return told


async def send(services: Services, *events: dict[str, Any]) -> list[Acceptance]:
    """Put events in by the door."""
    return await services.intake.accept_events(CLERK, "shop", events)


async def inbox_states(services: Services) -> dict[str, str]:
    """The state of each event by its id."""
    rows = await services.database.fetch("select event_id, state from inbox")
    return {row["event_id"]: row["state"] for row in rows}
