"""A notification of Amazon with what its envelope says of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from workers.formats.json_fields import Node
from workers.formats.reading import Change, Place


class Notification(NamedTuple):
    """The payload of one notification."""

    payload: Node
    line: int
    options: Mapping[str, Any]
    id: str | None = None
    """The same on every delivery of it."""
    time: datetime | None = None
    """When what it tells happened."""

    def change(
        self, kind: str, data: dict[str, Any], key: str, time: datetime | None = None
    ) -> Change:
        """A change with the id of the notification; `key` tells it from others of the same."""
        id = None if self.id is None else f"{self.id}:{key}"
        return Change(kind, data, Place(self.line), time or self.time, id)

    def stock(
        self,
        sku: str,
        location: str,
        quantity: int | str,
        *,
        as_of: datetime | None = None,
        orders_off: bool = False,
    ) -> Change:
        """A count; with `orders_off`, one from which Amazon has taken the orders before it."""
        data: dict[str, Any] = {"sku": sku, "location": location, "onHand": quantity}
        as_of = as_of or self.time
        if as_of:
            data["asOf"] = as_of.isoformat()
            if orders_off:
                data["includesOrdersUpTo"] = as_of.isoformat()
        return self.change("stock.set", data, f"{sku}@{location}", as_of)
