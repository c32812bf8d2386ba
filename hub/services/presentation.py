"""Answers, reservations and alerts as the JSON of feeds and events: the names of the GraphQL API,
without a query."""

from typing import Any

from hub.domain.alerts import Alert
from hub.domain.availability import Availability, Breakdown
from hub.domain.notices import Notice
from hub.domain.policies import UNLIMITED
from hub.domain.reservations import Reservation, ReservationLine
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
        "staleSince": availability.stale_since,
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


def reservation_json(reservation: Reservation) -> dict[str, Any]:
    """A reservation with its lines."""
    return {
        "id": reservation.id,
        "state": reservation.state.value,
        "channel": reservation.channel,
        "holder": reservation.holder,
        "stage": reservation.stage.value,
        "order": reservation.order,
        "orderedAt": reservation.ordered_at,
        "lines": [_line_json(line) for line in reservation.lines],
        "createdAt": reservation.created_at,
        "expiresAt": reservation.expires_at,
        "endedReason": reservation.ended_reason and reservation.ended_reason.value,
        "version": reservation.version,
    }


def alert_json(alert: Alert, locale: str | None) -> dict[str, Any]:
    """An alert, and what it says in a language."""
    return {
        "id": str(alert.id),
        "condition": alert.kind.value,
        "state": alert.state.value,
        "sku": alert.sku,
        "channel": alert.channel,
        "location": alert.location,
        "document": alert.document,
        "source": alert.source,
        "facts": alert.facts,
        "message": {"code": alert.message.code, "text": text_of(alert.message, locale)},
        "openedAt": alert.opened_at,
        "acknowledgedAt": alert.acknowledged_at,
        "acknowledgedBy": alert.acknowledged_by,
        "resolvedAt": alert.resolved_at,
    }


def notice_json(notice: Notice) -> dict[str, Any]:
    """A notice that it is time to give."""
    return {
        "id": notice.id,
        "sku": notice.sku,
        "channel": notice.channel,
        "quantity": quantity_number(notice.quantity),
        "reference": notice.reference,
        "createdAt": notice.created_at,
        "toldAt": notice.told_at,
    }


def _line_json(line: ReservationLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "location": line.location,
        "quantity": quantity_number(line.quantity),
        "held": quantity_number(line.held),
        "backordered": quantity_number(line.backordered),
        "allocated": quantity_number(line.allocated),
        "fulfilled": quantity_number(line.fulfilled),
        "released": quantity_number(line.released),
        "moved": quantity_number(line.moved),
        "returned": quantity_number(line.returned),
        "kit": line.kit,
        "document": line.document,
        "promisedAt": line.promised_at,
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
