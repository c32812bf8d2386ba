"""How fast items sell and how long they last, for many items at once."""

from collections.abc import Sequence

from hub.domain.demand import Demand, DemandForecast, forecast_of
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT, Scope, Sku
from hub.services.lookup import Lookup
from hub.services.rules import RulesCache
from hub.store.database import Database
from hub.store.demand_reads import read_demand


class Forecasts:
    """Reads what orders have asked for, in one statement, and what there is, in another."""

    def __init__(self, database: Database, rules: RulesCache, lookup: Lookup) -> None:
        self._database = database
        self._rules = rules
        self._lookup = lookup

    async def of_items(
        self, principal: Principal, skus: Sequence[Sku], scope: Scope | None = None
    ) -> dict[Sku, DemandForecast | None]:
        """What each item is asked for in the channel's pool, and how long its stock there lasts;
        None for a kit, which has no stock of its own. Raises `UnknownChannel`, and `Forbidden` for
        an audience that is told bands."""
        principal.require(AccessScope.AVAILABILITY_READ)
        principal.require_exact()
        answers = await self._lookup.availability(principal, skus, scope, UNIT)
        pool = self._rules.current.channel(scope.channel if scope else None).pool
        demand = await read_demand(self._database, skus, pool)
        return {
            sku: None
            if answer.components
            else forecast_of(
                demand.get(sku, Demand()), answer.breakdown.available_to_sell, answer.as_of
            )
            for sku, answer in answers.items()
        }
