"""The one place that names concrete classes and puts them together."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points

from hub.domain.audience import Bands
from hub.domain.reservations import HoldStage
from hub.domain.sourcing import STRATEGIES, Strategy
from hub.domain.values import Sku
from hub.live.backplane import Backplane
from hub.live.change_tail import ChangeTail
from hub.services.alternatives import Alternatives
from hub.services.audit import Audit
from hub.services.catalogue import Catalogue
from hub.services.claims import Claims
from hub.services.clock import DatabaseClock
from hub.services.forecasts import Forecasts
from hub.services.hold_limits import HoldLimits
from hub.services.intake import Intake
from hub.services.listing import Listing
from hub.services.listing_projection import ListingProjection
from hub.services.lookup import Lookup
from hub.services.reservations import Reservations
from hub.services.rules import RulesCache
from hub.services.stock import Stock
from hub.services.stock_cache import StockCache
from hub.services.stock_writer import StockWriter
from hub.services.watch import Watch
from hub.settings import Settings
from hub.store.database import Database
from hub.store.embedded_postgres import EmbeddedPostgres, dsn_of_running_hub
from hub.store.migrate import migrate
from hub.store.transactions import drain_transactions


@dataclass(frozen=True)
class Services:
    """The use cases of one process, ready to be called."""

    settings: Settings
    database: Database
    writer: StockWriter
    clock: DatabaseClock
    catalogue: Catalogue
    listing: Listing
    listing_projection: ListingProjection
    lookup: Lookup
    alternatives: Alternatives
    forecasts: Forecasts
    reservations: Reservations
    stock: Stock
    claims: Claims
    watch: Watch
    intake: Intake
    audit: Audit


@asynccontextmanager
async def database_of(settings: Settings, join: bool = False) -> AsyncIterator[str]:
    """The address of the database: the one that is set, or an embedded one that runs meanwhile.

    With `join`, the embedded one of a hub that runs on the same folder is used if there is one.
    Raises `EmbeddedPostgresError` when the embedded one cannot run.
    """
    running = dsn_of_running_hub(settings.data_dir) if join else None
    if settings.database_url is not None or running is not None:
        yield settings.database_url or str(running)
        return
    async with EmbeddedPostgres(settings.data_dir) as embedded:
        yield embedded.dsn()


@asynccontextmanager
async def services_on(settings: Settings, database_url: str) -> AsyncIterator[Services]:
    """The services on a database, migrated before; closed in reverse order at the end.

    Raises `Unavailable` when the database does not answer.
    """
    await migrate(database_url)
    database = Database(database_url)
    await database.open()
    backplane = Backplane(backplane_url(settings, database_url))
    await backplane.start()
    clock = DatabaseClock()
    rules = RulesCache(database, sourcing_strategies(), hold_seconds_of(settings))
    limits = HoldLimits(
        settings.max_holds_per_holder or None, settings.max_holds_per_address or None
    )
    stock = StockCache(database, rules, clock, settings.max_cached_items)

    def committed(skus: Iterable[Sku]) -> None:
        # Before anybody is answered: who writes reads what he has written.
        stock.changed(skus, for_the_last_time=False)
        backplane.announce()

    lanes, bands = settings.writer_lanes, Bands(settings.bands)
    writer = StockWriter(database_url, rules, clock, committed, limits, lanes=lanes)
    reservations = Reservations(database, writer, rules, settings.max_hold_ttl_seconds, bands)
    catalogue = Catalogue(database, rules)
    lookup = Lookup(database, stock, rules, clock, settings.max_page, bands)
    watch = Watch(database, stock, rules, clock, reservations, settings.max_list_items, bands)

    def is_followed() -> bool:
        return watch.has_subscribers() or not stock.empty

    tail = ChangeTail(database, backplane, watch.note, stock.believe, watch.tell, is_followed)
    following: list[asyncio.Task[None]] = []
    try:
        await rules.refresh()
        await tail.start()
        await writer.start()
        following = [
            asyncio.create_task(tail.run(), name="change tail"),
            asyncio.create_task(stock.run(), name="stock cache"),
        ]
        yield Services(
            settings=settings,
            database=database,
            writer=writer,
            clock=clock,
            catalogue=catalogue,
            listing=Listing(database, rules, settings.max_page),
            listing_projection=ListingProjection(database, rules),
            lookup=lookup,
            alternatives=Alternatives(catalogue, lookup, settings.max_page),
            forecasts=Forecasts(database, rules, lookup),
            reservations=reservations,
            stock=Stock(writer),
            claims=Claims(database, settings.max_page),
            watch=watch,
            intake=Intake(database, settings.max_page),
            audit=Audit(database, writer),
        )
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        await stock.stop()
        await writer.stop()
        await backplane.stop()
        await drain_transactions()
        await database.close()


def hold_seconds_of(settings: Settings) -> dict[HoldStage, int]:
    """How long holds last where no rule says otherwise."""
    return {
        HoldStage.CART: settings.hold_ttl_seconds,
        HoldStage.CHECKOUT: settings.checkout_hold_ttl_seconds,
        HoldStage.PAYMENT: settings.payment_hold_ttl_seconds,
    }


def sourcing_strategies() -> dict[str, Strategy]:
    """The hub's strategies, and those that installed packages bring by the entry point group
    `availability_hub.sourcing`."""
    found = entry_points(group="availability_hub.sourcing")
    return {**STRATEGIES, **{point.name: point.load() for point in found}}


def backplane_url(settings: Settings, database_url: str) -> str:
    """Where hints travel. The embedded database serves one process, which needs no carrier."""
    if settings.backplane_url is not None:
        return settings.backplane_url
    if settings.redis_url is not None:
        return settings.redis_url
    return database_url if settings.database_url is not None else "memory://"


def calm_garbage_collector() -> None:
    """What is alive after the start stays: the cycle collector need not look at it again, nor come
    every 700 objects. At its defaults it stops a server with many sockets for hundreds of
    milliseconds, and takes a fifth of the time of a batch of work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
