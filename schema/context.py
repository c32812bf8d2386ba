"""What every resolver can ask: who is asking, the services of the hub, and the loaders.

Types know loaders only by this protocol, so that no type has to import the code that answers.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeAlias

import strawberry

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.demand import DemandForecast
from hub.domain.movements import RecordedMovement
from hub.domain.principal import Principal
from hub.domain.reservations import Reservation
from hub.domain.values import Quantity, Scope
from hub.services.alternatives import Alternative
from hub.services.catalogue import CatalogueItem, LocationInfo, Page
from hub.services.claims import LiveClaim
from hub.services.source_health import SourceReport


class Loaders(Protocol):
    """Single answers, collected and fetched in bulk: one call of a service for a whole list."""

    def item(self, sku: str) -> Awaitable[CatalogueItem | None]:
        """The item, or None where there is none."""

    def variants(self, item: CatalogueItem, first: int) -> Awaitable[list[CatalogueItem]]:
        """The first of the other items of the item's family; raises `InvalidInput`."""

    def availability(
        self, sku: str, scope: Scope | None, quantity: Quantity, strong: bool
    ) -> Awaitable[Availability]:
        """The answer for an item, with `strong` past every cache; raises `UnknownSku`,
        `UnknownChannel` or `InvalidInput`."""

    def alternatives(
        self,
        sku: str,
        scope: Scope | None,
        quantity: Quantity,
        first: int,
        always: bool,
        with_unavailable: bool,
    ) -> Awaitable[list[Alternative]]:
        """What to offer in place of an item; raises `UnknownChannel` or `InvalidInput`."""

    def forecast(self, sku: str, scope: Scope | None) -> Awaitable[DemandForecast | None]:
        """How fast an item sells, None for a kit; raises `Forbidden` or `UnknownChannel`."""

    def claims(
        self, sku: str, location: str | None, first: int, after: str | None
    ) -> Awaitable[Page[LiveClaim]]:
        """Who has a claim on units of an item; raises `Forbidden` or `InvalidInput`."""

    def movements(
        self, sku: str, location: str | None, first: int, after: str | None
    ) -> Awaitable[Page[RecordedMovement]]:
        """The ledger of an item; raises `Forbidden` or `InvalidInput`."""

    def reservation(self, id: str) -> Awaitable[Reservation]:
        """The reservation; raises `ReservationNotFound`."""

    def source_health(self, name: str) -> Awaitable[SourceReport | None]:
        """How a source is doing, None where there is none; raises `Forbidden`."""

    def locations(self, ids: Iterable[str]) -> Awaitable[list[LocationInfo]]:
        """The locations that exist among `ids`, in their order."""


class Context:
    """One operation of one principal. Loaders remember what they fetched, so each operation, and
    each event of a subscription, starts with new ones."""

    __slots__ = ("_loaders", "new_loaders", "principal", "services")

    def __init__(
        self,
        services: Services,
        principal: Principal,
        new_loaders: Callable[[Services, Principal], Loaders],
    ) -> None:
        self.services = services
        self.principal = principal
        self.new_loaders = new_loaders
        self._loaders: Loaders | None = None

    @property
    def loaders(self) -> Loaders:
        """What fetches answers in bulk; made once somebody asks, which mutations seldom do."""
        if self._loaders is None:
            self._loaders = self.new_loaders(self.services, self.principal)
        return self._loaders

    def renew(self) -> None:
        """Forget what was loaded: from here on, answers are read anew."""
        self._loaders = None

    def fork(self) -> "Context":
        """A context for another operation of the same principal."""
        return Context(self.services, self.principal, self.new_loaders)


Info: TypeAlias = strawberry.Info[Context, None]
