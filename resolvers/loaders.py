"""Loaders: what the items of a list need each for itself, fetched for all of them at once.

The number of calls of a service, and so of SQL statements, does not depend on how many items ask.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from strawberry.dataloader import DataLoader

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.demand import DemandForecast
from hub.domain.errors import ReservationNotFound, UnknownSku
from hub.domain.movements import RecordedMovement
from hub.domain.principal import Principal
from hub.domain.reservations import Reservation
from hub.domain.values import Quantity, Scope, Sku
from hub.services.alternatives import Alternative
from hub.services.catalogue import CatalogueItem, LocationInfo, Page, check_page_size
from hub.services.claims import LiveClaim
from hub.services.source_health import SourceReport
from resolvers.inputs import asked_quantity, location_from

Question = tuple[Hashable, ...]
"""What of an answer does not depend on the item: one call of the service for each."""

Service = Callable[..., Awaitable[dict[Sku, Any]]]
"""Answers a question about many items: takes the principal, skus and the question."""


class ItemKey(NamedTuple):
    """Identifies one answer about one item within an operation."""

    sku: Sku
    question: Question


class ServiceLoaders:
    """The loaders of one operation of one principal, over the services of the hub."""

    __slots__ = ("_loaders", "_principal", "_services")

    def __init__(self, services: Services, principal: Principal) -> None:
        self._services = services
        self._principal = principal
        self._loaders: dict[str, DataLoader[Any, Any]] = {}

    def item(self, sku: Sku) -> Awaitable[CatalogueItem | None]:
        """The item, or None where there is none."""
        return self._loader("items", self._load_items).load(sku)

    async def variants(self, item: CatalogueItem, first: int) -> list[CatalogueItem]:
        """The first of the other items of the item's family; raises `InvalidInput`."""
        check_page_size(first, self._services.settings.max_page)
        if item.family is None:
            return []
        family = await self._loader("families", self._load_families).load(item.family)
        return [*islice((member for member in family if member.sku != item.sku), first)]

    def availability(
        self, sku: Sku, scope: Scope | None, quantity: Quantity, strong: bool
    ) -> Awaitable[Availability]:
        """The answer for an item, with `strong` past every cache; raises `UnknownSku`,
        `UnknownChannel` or `InvalidInput`."""
        asked = self._services.lookup.availability
        return self._about("availability", asked, sku, scope, asked_quantity(quantity), strong)

    def alternatives(
        self,
        sku: Sku,
        scope: Scope | None,
        quantity: Quantity,
        first: int,
        always: bool,
        with_unavailable: bool,
    ) -> Awaitable[list[Alternative]]:
        """What to offer in place of an item; raises `UnknownChannel` or `InvalidInput`."""
        question = (scope, asked_quantity(quantity), first, always, with_unavailable)
        return self._about("alternatives", self._services.alternatives.to_items, sku, *question)

    def forecast(self, sku: Sku, scope: Scope | None) -> Awaitable[DemandForecast | None]:
        """How fast an item sells, None for a kit; raises `Forbidden` or `UnknownChannel`."""
        return self._about("forecast", self._services.forecasts.of_items, sku, scope)

    def claims(
        self, sku: Sku, location: str | None, first: int, after: str | None
    ) -> Awaitable[Page[LiveClaim]]:
        """Who has a claim on units of an item; raises `Forbidden` or `InvalidInput`."""
        question = (location_from(location), first, after)
        return self._about("claims", self._services.claims.of_items, sku, *question)

    def movements(
        self, sku: Sku, location: str | None, first: int, after: str | None
    ) -> Awaitable[Page[RecordedMovement]]:
        """The ledger of an item; raises `Forbidden` or `InvalidInput`."""
        question = (location_from(location), first, after)
        return self._about("movements", self._services.lookup.movements, sku, *question)

    def reservation(self, id: str) -> Awaitable[Reservation]:
        """The reservation; raises `ReservationNotFound`."""
        return self._loader("reservations", self._load_reservations).load(id)

    def source_health(self, name: str) -> Awaitable[SourceReport | None]:
        """How a source is doing, None where there is none; raises `Forbidden`."""
        return self._loader("source_health", self._load_source_health).load(name)

    async def locations(self, ids: Iterable[str]) -> list[LocationInfo]:
        """The locations that exist among `ids`, in their order."""
        found = await self._loader("locations", self._load_locations).load_many(ids)
        return [location for location in found if location is not None]

    async def _load_items(self, skus: list[Sku]) -> list[CatalogueItem | None]:
        found = await self._services.catalogue.items(self._principal, skus)
        return [found.get(sku) for sku in skus]

    async def _load_families(self, families: list[str]) -> list[list[CatalogueItem]]:
        found = await self._services.catalogue.families(self._principal, families)
        return [found[family] for family in families]

    def _loader(self, name: str, load: Callable[[list[Any]], Any]) -> DataLoader[Any, Any]:
        # Most operations ask for one thing or two.
        loader = self._loaders.get(name)
        if loader is None:
            loader = self._loaders[name] = DataLoader(load)
        return loader

    def _about(self, name: str, service: Service, sku: Sku, *question: Hashable) -> Awaitable[Any]:
        load = partial(self._load_answers, service)
        return self._loader(name, load).load(ItemKey(sku, question))

    async def _load_answers(
        self, service: Service, keys: list[ItemKey]
    ) -> list[Any | BaseException]:
        groups: dict[Question, list[Sku]] = {}
        for key in keys:
            groups.setdefault(key.question, []).append(key.sku)
        answers = await asyncio.gather(
            *(service(self._principal, skus, *question) for question, skus in groups.items()),
            # An unknown channel in one place of the query must not hide the answers of another.
            return_exceptions=True,
        )
        by_question = dict(zip(groups, answers, strict=True))
        return [_answer_to(key, by_question[key.question]) for key in keys]

    async def _load_reservations(self, ids: list[str]) -> list[Reservation | BaseException]:
        found = await self._services.reservations.by_ids(self._principal, ids)
        return [found.get(id) or ReservationNotFound(id=id) for id in ids]

    async def _load_source_health(self, names: list[str]) -> list[SourceReport | None]:
        found = await self._services.source_health.of(self._principal, names)
        return [found.get(name) for name in names]

    async def _load_locations(self, ids: list[str]) -> list[LocationInfo | None]:
        everywhere = await self._services.catalogue.locations(self._principal)
        found = {location.id: location for location in everywhere}
        return [found.get(location) for location in ids]


def _answer_to(key: ItemKey, found: dict[Sku, Any] | BaseException) -> Any | BaseException:
    if isinstance(found, BaseException):
        return found
    return found[key.sku] if key.sku in found else UnknownSku(skus=[key.sku])
