"""An availability as the JSON of feeds: the names of the GraphQL API, without a query."""

from typing import Any

from hub.domain.availability import Availability, Breakdown
from hub.domain.policies import UNLIMITED
from hub.domain.values import Quantity, quantity_number
from hub.services.wording import text_of


def availability_json(availability: Availability, locale: str | None) -> dict[str, Any]:
    """The answer for one item."""
    message = availability.message
    return {
        "sku": availability.sku,
        "channel": availability.channel,
        "quantity": _limited_number(availability.quantity),
        "band": availability.band,
        "status": availability.status.value,
        "schemaOrgAvailability": availability.status.schema_org,
        "googleAvailability": availability.status.google,
        "version": availability.version,
        "asOf": availability.as_of,
        "message": {
            "code": message.code,
            "params": message.params,
            "text": text_of(message, locale),
        },
        "nextSupplyAt": availability.next_supply_at,
        "breakdown": None if availability.parts is None else _breakdown_json(availability.parts),
        "components": [
            {
                "sku": component.sku,
                "perKit": quantity_number(component.per_kit),
                "availableToOrder": _limited_number(component.available_to_order),
            }
            for component in availability.components
        ],
    }


def _breakdown_json(breakdown: Breakdown) -> dict[str, Any]:
    return {
        "onHand": quantity_number(breakdown.on_hand),
        "unavailable": quantity_number(breakdown.unavailable),
        "allocated": quantity_number(breakdown.allocated),
        "reserved": quantity_number(breakdown.reserved),
        "backordered": quantity_number(breakdown.backordered),
        "safetyStock": quantity_number(breakdown.safety_stock),
        "availableToSell": quantity_number(breakdown.available_to_sell),
        "beyondStock": _limited_number(breakdown.beyond_stock),
        "availableToOrder": _limited_number(breakdown.available_to_order),
        "incoming": quantity_number(breakdown.incoming),
        "shortfall": quantity_number(breakdown.shortfall),
    }


def _limited_number(quantity: Quantity | None) -> int | float | None:
    """The number of a quantity; null where there is no limit, as everywhere outside the hub, and
    for an audience that is told a band."""
    return None if quantity is None or quantity >= UNLIMITED else quantity_number(quantity)
