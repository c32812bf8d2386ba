"""An availability in the words of those who read product pages: schema.org and Google."""

from datetime import datetime

from hub.domain.availability import Availability
from hub.domain.status import AvailabilityStatus
from hub.domain.values import quantity_number

Json = str | int | float | dict[str, "Json"]

_DATED = (AvailabilityStatus.PRE_ORDER, AvailabilityStatus.BACK_ORDER)


def starts_at(answer: Availability) -> datetime | None:
    """When what cannot leave now can: the first date of what is promised, or when more comes.
    None where it can be had now, and where nobody knows."""
    if answer.status in _DATED:
        return min((line.date for line in answer.promise if line.date), default=None)
    if answer.status is AvailabilityStatus.OUT_OF_STOCK:
        return answer.next_supply_at
    return None


def google_date(answer: Availability) -> datetime | None:
    """What Google's `availability_date` must say of a preorder or backorder; None of all others,
    and where no date is known."""
    return starts_at(answer) if answer.status in _DATED else None


def json_ld(answer: Availability) -> dict[str, Json]:
    """A schema.org Offer of the item: a page adds its price. How many there are is told only where
    the answer tells it."""
    offer: dict[str, Json] = {
        "@context": "https://schema.org",
        "@type": "Offer",
        "sku": answer.sku,
        "availability": answer.status.schema_org,
    }
    starts = starts_at(answer)
    if starts is not None:
        offer["availabilityStarts"] = starts.isoformat()
    if answer.quantity is not None:
        value = quantity_number(answer.quantity)
        offer["inventoryLevel"] = {"@type": "QuantitativeValue", "value": value}
    return offer
