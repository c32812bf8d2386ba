"""Loaders: what the items of a list need each for itself, fetched for all of them at once.

The number of calls of a service, and so of SQL statements, does not depend on how many items ask.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import NamedTuple

from strawberry.dataloader import DataLoader

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.errors import ReservationNotFound, UnknownSku
from hub.domain.principal import Principal
from hub.domain.reservations import Reservation
from hub.domain.values import Quantity, Scope, Sku
from hub.services.catalogue import CatalogueItem, LocationInfo
from resolvers.inputs import asked_quantity

Question = tuple[Scope | None, Quantity]
"""What of an availability does not depend on the item: one call of the service for each."""


class AvailabilityKey(NamedTuple):
    """Identifies one answer within an operation."""

    sku: Sku
    question: Question


class ServiceLoaders:
    """The loaders of one operation of one principal, over the services of the hub."""

    __slots__ = (
        "_availability",
        "_families",
        "_items",
        "_locations",
        "_principal",
        "_reservations",
        "_services",
    )

    def __init__(self, services: Services, principal: Principal) -> None:
        self._services = services
        self._principal = principal
        self._items = DataLoader(self._load_items)
        self._families = DataLoader(self._load_families)
        self._availability = DataLoader(self._load_availability)
        self._locations = DataLoader(self._load_locations)
        self._reservations = DataLoader(self._load_reservations)

    def item(self, sku: Sku) -> Awaitable[CatalogueItem | None]:
        """The item, or None where there is none."""
        return self._items.load(sku)

    async def variants(self, item: CatalogueItem) -> list[CatalogueItem]:
        """The other items of the item's family."""
        if item.family is None:
            return []
        family = await self._families.load(item.family)
        return [member for member in family if member.sku != item.sku]

    def availability(
        self, sku: Sku, scope: Scope | None, quantity: Quantity
    ) -> Awaitable[Availability]:
        """The answer for an item; raises `UnknownSku`, `UnknownChannel` or `InvalidInput`."""
        return self._availability.load(AvailabilityKey(sku, (scope, asked_quantity(quantity))))

    def reservation(self, id: str) -> Awaitable[Reservation]:
        """The reservation; raises `ReservationNotFound`."""
        return self._reservations.load(id)

    async def locations(self, ids: Iterable[str]) -> list[LocationInfo]:
        """The locations that exist among `ids`, in their order."""
        found = await self._locations.load_many(ids)
        return [location for location in found if location is not None]

    async def _load_items(self, skus: list[Sku]) -> list[CatalogueItem | None]:
        found = await self._services.catalogue.items(self._principal, skus)
        return [found.get(sku) for sku in skus]

    async def _load_families(self, families: list[str]) -> list[list[CatalogueItem]]:
        found = await self._services.catalogue.families(self._principal, families)
        return [found[family] for family in families]

    async def _load_availability(
        self, keys: list[AvailabilityKey]
    ) -> list[Availability | BaseException]:
        groups: dict[Question, list[Sku]] = {}
        for key in keys:
            groups.setdefault(key.question, []).append(key.sku)
        answers = await asyncio.gather(
            *(
                self._services.lookup.availability(self._principal, skus, *question)
                for question, skus in groups.items()
            ),
            # An unknown channel in one place of the query must not hide the answers of another.
            return_exceptions=True,
        )
        by_question = dict(zip(groups, answers, strict=True))
        return [_answer_to(key, by_question[key.question]) for key in keys]

    async def _load_reservations(self, ids: list[str]) -> list[Reservation | BaseException]:
        found = await self._services.reservations.by_ids(self._principal, ids)
        return [found.get(id) or ReservationNotFound(id=id) for id in ids]

    async def _load_locations(self, ids: list[str]) -> list[LocationInfo | None]:
        everywhere = await self._services.catalogue.locations(self._principal)
        found = {location.id: location for location in everywhere}
        return [found.get(location) for location in ids]


def _answer_to(
    key: AvailabilityKey, found: dict[Sku, Availability] | BaseException
) -> Availability | BaseException:
    if isinstance(found, BaseException):
        return found
    return found.get(key.sku) or UnknownSku(skus=[key.sku])
