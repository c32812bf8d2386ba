"""Which message an availability deserves: a code, its parameters and what the claim rests on.

No language is baked in here; texts live in `hub.services.wording`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from hub.domain.policies import UNLIMITED, Ruled
from hub.domain.status import AvailabilityStatus
from hub.domain.values import Quantity, quantity_number

Json = str | int | float | bool | None


class Message(NamedTuple):
    """What to tell a shopper. `params` fill the text; `evidence` backs the claim."""

    code: str
    params: Mapping[str, Json]
    evidence: Mapping[str, Json]


MESSAGE_CODES = (
    "IN_STOCK",
    "ONLY_N_LEFT",
    "LOW_STOCK",
    "BACK_ORDER",
    "BACK_ORDER_BY",
    "PRE_ORDER_BY",
    "OUT_OF_STOCK",
    "BACK_BY",
    "DISCONTINUED",
)

_DATED = {
    AvailabilityStatus.OUT_OF_STOCK: ("BACK_BY", "supplyLineEta"),
    AvailabilityStatus.BACK_ORDER: ("BACK_ORDER_BY", "supplyLineEta"),
    AvailabilityStatus.PRE_ORDER: ("PRE_ORDER_BY", "releasedAt"),
}


def message_for(
    status: AvailabilityStatus,
    available: Quantity,
    low_mark: Ruled,
    date: datetime | None,
    now: datetime,
) -> Message:
    """The message of an answer at `now`. `date` is when more comes, or when a preordered item is
    released; a date in a message is never in the past."""
    units = None if available >= UNLIMITED else quantity_number(available)
    counted: dict[str, Json] = {"available": units, "countedAt": now.isoformat()}
    if status is AvailabilityStatus.LIMITED_AVAILABILITY:
        evidence = {
            **counted,
            "lowStockMark": quantity_number(low_mark.value),
            "rule": low_mark.rule,
        }
        return Message("ONLY_N_LEFT", {"count": quantity_number(available)}, evidence)
    if status in _DATED and date is not None:
        code, source = _DATED[status]
        return Message(
            code, {"date": date.date().isoformat()}, {**counted, source: date.isoformat()}
        )
    return Message(status.value, {}, counted)
