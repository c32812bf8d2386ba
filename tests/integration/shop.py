"""A small shop to test on: four items, two locations, two channels with overlapping pools."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from hub.bootstrap import Services, services_on
from hub.domain.availability import Availability
from hub.domain.errors import HubError
from hub.domain.policies import Channel
from hub.domain.position import Position
from hub.domain.principal import trusted
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT, Line, Scope
from hub.services.audit import AuditReport
from hub.services.catalogue import CatalogueItem, LocationInfo
from hub.services.stock import Count
from hub.settings import Settings
from hub.store.database import connection_arguments
from hub.store.ledger_rows import POSITION_COLUMNS, position_from
from workers.formats.registry import OPTION_CHECKS
from workers.sources.trials import try_source

BUYER = trusted("buyer")
CLERK = trusted("clerk")
SKUS = ("A-1", "A-2", "B-1", "B-2")


@asynccontextmanager
async def opened(
    database_url: str, backplane_url: str = "memory://", **settings: Any
) -> AsyncIterator[Services]:
    """The services of one process on a database."""
    chosen = Settings(database_url=database_url, backplane_url=backplane_url, **settings)
    async with services_on(chosen, database_url, OPTION_CHECKS, try_source) as services:
        yield services


async def put_shop(services: Services) -> None:
    """Put the shop in; it has no stock yet."""
    catalogue = services.catalogue
    await catalogue.put_locations(CLERK, [LocationInfo("BER", "Berlin"), LocationInfo("AMS", "A")])
    channels = [
        Channel("web", "Web shop", "en", "EUR", ("BER", "AMS")),
        Channel("store", "Store", "de", "EUR", ("BER",)),
    ]
    await catalogue.put_channels(CLERK, channels, default="web")
    await catalogue.put_items(
        CLERK, [CatalogueItem(sku, f"Item {sku}", category=sku[0]) for sku in SKUS]
    )


@asynccontextmanager
async def two_processes(
    database_url: str, **settings: Any
) -> AsyncIterator[tuple[Services, Services]]:
    """Two processes that end within the test, so that the database has all their statistics."""
    async with opened(database_url, **settings) as one:
        await put_shop(one)
        async with opened(database_url, **settings) as two:
            yield one, two


async def count(services: Services, sku: str, units: int, location: str = "BER") -> Position:
    """Set the units on hand; the position as that has left it."""
    change = await services.stock.set_stock(CLERK, Count(sku, location, units * UNIT))
    return change.position


async def reserve(
    services: Services, units: Mapping[str, int] | None = None, **options: Any
) -> Reservation:
    """Hold units of items; one of A-1 unless told otherwise."""
    lines = [Line(sku, quantity * UNIT) for sku, quantity in (units or {"A-1": 1}).items()]
    return await services.reservations.reserve(BUYER, lines, **options)


async def reserve_or_refusal(
    services: Services, units: Mapping[str, int] | None = None, **options: Any
) -> Reservation | HubError:
    """The same, with a refusal as a value."""
    try:
        return await reserve(services, units, **options)
    except HubError as refusal:
        return refusal


async def availability(
    services: Services, sku: str = "A-1", channel: str | None = None, *, strong: bool = False
) -> Availability:
    """The answer for one item, as a page gets it; with `strong` as the ledger has it, for tests
    that change that behind the hub's back or by another process."""
    scope = None if channel is None else Scope(channel)
    return (await services.lookup.availability(BUYER, [sku], scope, strong=strong))[sku]


async def available(
    services: Services, sku: str = "A-1", channel: str | None = None, *, strong: bool = False
) -> float:
    """Units that can be ordered now."""
    answer = await availability(services, sku, channel, strong=strong)
    return answer.breakdown.available_to_order / UNIT


async def position(services: Services, sku: str = "A-1", location: str = "BER") -> Position:
    """A position as it stands in the database; an empty one where there is none."""
    rows = await services.database.fetch(
        f"select {POSITION_COLUMNS} from position p where p.sku = $1 and p.location = $2",
        [sku, location],
    )
    return position_from(tuple(rows[0].values())) if rows else Position(sku, location)


async def execute(database_url: str, *statements: str) -> None:
    """Run statements on the database behind the hub's back."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def break_position(database_url: str, sku: str) -> None:
    """Plant what no command can make: fewer units than are promised, and no shortfall for it. The
    database then refuses what frees some of them."""
    await execute(
        database_url,
        "alter table position drop constraint position_not_oversold",
        f"update position set on_hand = -5000 where sku = '{sku}'",
        """alter table position add constraint position_not_oversold check (
             on_hand - unavailable - allocated - reserved >= -shortfall) not valid""",
    )


async def let_holds_lapse(database_url: str) -> None:
    """Put every hold past its end, which is quicker than waiting for it."""
    await execute(
        database_url,
        "update reservation set expires_at = now() - interval '1 ms' where state = 'HELD'",
    )


async def broken_rules(services: Services) -> dict[str, list[dict[str, Any]]]:
    """What the audit finds, by rule; empty in a sound ledger."""
    report: AuditReport = await services.audit.run(CLERK)
    return {finding.name: finding.rows for finding in report.findings if finding.rows}


async def sound(services: Services) -> bool:
    """Whether the books agree and the chains hold."""
    chains = await services.audit.verify_chains(CLERK)
    return await broken_rules(services) == {} and chains.clean
