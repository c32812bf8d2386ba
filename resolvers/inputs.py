"""Checks of what came in, before a service is asked."""

from collections.abc import Sequence

from hub.domain.errors import InvalidInput
from hub.domain.values import LocationId, Quantity, Sku, identifier_from
from schema.context import Context


def skus_from(context: Context, skus: Sequence[str]) -> list[Sku]:
    """1 to `max_list_items` skus; raises `InvalidInput`."""
    check_number(context, skus)
    return [identifier_from(sku, "skus") for sku in skus]


def check_number(context: Context, skus: Sequence[str]) -> None:
    """Raise `InvalidInput` unless they are 1 to `max_list_items`."""
    most = context.services.settings.max_list_items
    if not 1 <= len(skus) <= most:
        raise InvalidInput(field="skus", problem=f"must hold 1 to {most} skus, not {len(skus)}")


def asked_quantity(quantity: Quantity) -> Quantity:
    """A quantity to ask for; raises `InvalidInput` unless it is above 0."""
    if quantity <= 0:
        raise InvalidInput(field="quantity", problem="must be above 0")
    return quantity


def location_from(given: str | None) -> LocationId | None:
    """A location to look at alone, if one is given; raises `InvalidInput`."""
    return None if given is None else identifier_from(given, "location")
