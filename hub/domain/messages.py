"""Which message an availability deserves: a code, its parameters and what the claim rests on.

No language is baked in here; texts live in `hub.services.wording`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from hub.domain.policies import Ruled
from hub.domain.values import Quantity, quantity_number

Json = str | int | float | bool | None


class Message(NamedTuple):
    """What to tell a shopper. `params` fill the text; `evidence` backs the claim."""

    code: str
    params: Mapping[str, Json]
    evidence: Mapping[str, Json]


MESSAGE_CODES = ("IN_STOCK", "ONLY_N_LEFT", "OUT_OF_STOCK", "BACK_BY", "DISCONTINUED")


def message_for(
    status: str,
    available: Quantity,
    low_mark: Ruled,
    next_supply_at: datetime | None,
    now: datetime,
) -> Message:
    """The message of an answer at `now`. A date in it is never in the past."""
    counted = {"available": quantity_number(available), "countedAt": now.isoformat()}
    if status == "LIMITED_AVAILABILITY":
        evidence = {
            **counted,
            "lowStockMark": quantity_number(low_mark.value),
            "rule": low_mark.rule,
        }
        return Message("ONLY_N_LEFT", {"count": quantity_number(available)}, evidence)
    if status == "OUT_OF_STOCK" and next_supply_at is not None:
        date = next_supply_at.date().isoformat()
        evidence = {**counted, "supplyLineEta": next_supply_at.isoformat()}
        return Message("BACK_BY", {"date": date}, evidence)
    return Message(status, {}, counted)
