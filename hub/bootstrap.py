"""The one place that names concrete classes and puts them together."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from hub.configuration import (
    backplane_setting,
    backplane_url,
    following_of,
    hold_seconds_of,
    outbound_of,
    strategies_once,
)
from hub.domain.audience import Bands
from hub.domain.values import Sku
from hub.live.backplane import Backplane
from hub.live.change_tail import ChangeTail
from hub.live.ending import end
from hub.live.place import Place
from hub.services.alert_watch import AlertWatch
from hub.services.alerts import Alerts
from hub.services.alternatives import Alternatives
from hub.services.audit import Audit
from hub.services.broadcast import Broadcasts
from hub.services.catalogue import Catalogue
from hub.services.channel_sync import ChannelSync
from hub.services.claims import Claims
from hub.services.clock import DatabaseClock
from hub.services.drift_booking import DriftBooking
from hub.services.event_consumer import EventConsumer, Manner
from hub.services.feeds.feeds import FeedParts, Feeds
from hub.services.forecasts import Forecasts
from hub.services.hold_limits import HoldLimits
from hub.services.intake import Intake
from hub.services.listing import Listing
from hub.services.listing_projection import ListingProjection
from hub.services.lookup import Lookup
from hub.services.news import News
from hub.services.notices import NoticeLimits, Notices
from hub.services.outbound_http import OutboundHttp
from hub.services.reconciliations import Reconciliations
from hub.services.reservations import Reservations
from hub.services.rules import RulesCache
from hub.services.snapshots import Snapshots
from hub.services.source_deliveries import SourceDeliveries
from hub.services.source_health import SourceHealth
from hub.services.source_polls import SourcePolls
from hub.services.source_trials import TrySource, try_nothing
from hub.services.sources import CheckOptions, Sources
from hub.services.stock import Stock
from hub.services.stock_cache import StockCache
from hub.services.stock_writer import StockWriter
from hub.services.upload_jobs import UploadJobs
from hub.services.uploads import Uploads
from hub.services.watch import Watch
from hub.services.webhook_fanout import WebhookFanout
from hub.services.webhook_replays import WebhookReplays
from hub.services.webhook_sender import WebhookSender
from hub.services.webhooks import Webhooks
from hub.settings import Settings
from hub.store.change_log import Changes
from hub.store.database import Database
from hub.store.embedded_postgres import EmbeddedPostgres, dsn_of_running_hub
from hub.store.migrate import migrate
from hub.store.transactions import drain_transactions

NO_FORMATS: Final[Mapping[str, CheckOptions]] = {}


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
    broadcasts: Broadcasts
    feeds: Feeds
    intake: Intake
    sources: Sources
    source_deliveries: SourceDeliveries
    source_health: SourceHealth
    source_polls: SourcePolls
    snapshots: Snapshots
    reconciliations: Reconciliations
    uploads: Uploads
    upload_jobs: UploadJobs
    audit: Audit
    rules: RulesCache
    news: News
    channel_sync: ChannelSync
    webhooks: Webhooks
    webhook_replays: WebhookReplays
    webhook_fanout: WebhookFanout
    webhook_sender: WebhookSender

    alerts: Alerts
    alert_watch: AlertWatch
    notices: Notices
    try_source: TrySource
    announce: Callable[[], None]
    """Tells all processes to look at the change log."""

    def event_consumer(self, name: str, manner: Manner) -> EventConsumer:
        """A reader of the events that other systems are told, known by its name."""
        return EventConsumer(self.database, self.rules, self.news, self.clock, name, manner)


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


class _Core(NamedTuple):
    """What runs as long as the process does; all else only uses it."""

    outbound: OutboundHttp
    database: Database
    backplane: Backplane
    clock: DatabaseClock
    rules: RulesCache
    stock: StockCache
    writer: StockWriter
    reservations: Reservations
    watch: Watch
    feeds: Feeds
    alert_watch: AlertWatch
    tail: ChangeTail


@asynccontextmanager
async def services_on(
    settings: Settings,
    database_url: str,
    formats: Mapping[str, CheckOptions] = NO_FORMATS,
    try_source: TrySource = try_nothing,
) -> AsyncIterator[Services]:
    """The services on a database, migrated before; closed in reverse order at the end. Sources can
    be put that are in one of `formats`, and tried by `try_source`.

    Raises `Unavailable` when the database does not answer.
    """
    database = Database(database_url)
    # What is set wrongly is refused before anything is touched.
    core = _core(settings, database, database_url)
    await migrate(database_url)
    await database.open()
    await core.backplane.start()
    following: list[asyncio.Task[None]] = []
    try:
        await core.rules.refresh()
        core.watch.place.move(await core.tail.start())
        await core.writer.start()
        following = [
            asyncio.create_task(core.tail.run(), name="change tail"),
            asyncio.create_task(core.stock.run(), name="stock cache"),
        ]
        yield _services(settings, core, formats, try_source)
    finally:
        await end(following)
        await core.feeds.stop()
        await core.stock.stop()
        await core.outbound.close()
        await core.writer.stop()
        await core.backplane.stop()
        await drain_transactions()
        await database.close()


def _core(settings: Settings, database: Database, database_url: str) -> _Core:
    backplane = Backplane(backplane_url(settings, database_url), backplane_setting(settings))
    clock = DatabaseClock()
    rules = RulesCache(database, strategies_once(), hold_seconds_of(settings))
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
    place, most = Place(database, backplane.look), settings.max_list_items
    watch = Watch(database, stock, rules, clock, reservations, most, bands, place)
    alert_watch = AlertWatch(database, settings.max_page)

    parts = FeedParts(database, rules, bands, settings.max_list_items)
    feeds = Feeds(parts, settings.max_feeds_per_principal)

    def is_followed() -> bool:
        told = watch.has_subscribers() or alert_watch.has_subscribers() or feeds.is_read
        return told or not stock.empty

    async def note(changes: Changes) -> None:
        await watch.note(changes)
        feeds.tell(changes)

    async def tell(changes: Changes) -> None:
        await watch.tell(changes)
        await alert_watch.tell(changes)

    tail = ChangeTail(database, backplane, note, stock.believe, tell, is_followed)
    return _Core(
        outbound_of(settings),
        database,
        backplane,
        clock,
        rules,
        stock,
        writer,
        reservations,
        watch,
        feeds,
        alert_watch,
        tail,
    )


def _services(
    settings: Settings,
    core: _Core,
    formats: Mapping[str, CheckOptions],
    try_source: TrySource,
) -> Services:
    database, rules = core.database, core.rules
    bands = Bands(settings.bands)
    catalogue = Catalogue(database, rules)
    news = News(database, core.stock, core.clock)
    webhooks, replays, fanout, sender = _webhooks(settings, core, news)
    intake = Intake(database, settings.max_page)
    source_health = SourceHealth(database, core.backplane.announce)
    lookup = Lookup(database, core.stock, rules, core.clock, settings.max_page, bands)
    sources = Sources(database, formats)
    booking = DriftBooking(database, core.writer)
    return Services(
        settings=settings,
        database=database,
        writer=core.writer,
        clock=core.clock,
        catalogue=catalogue,
        listing=Listing(database, rules, settings.max_page),
        listing_projection=ListingProjection(database, rules, following_of(settings)),
        lookup=lookup,
        alternatives=Alternatives(catalogue, lookup, settings.max_page),
        forecasts=Forecasts(database, rules, lookup),
        reservations=core.reservations,
        stock=Stock(core.writer),
        claims=Claims(database, settings.max_page),
        watch=core.watch,
        broadcasts=Broadcasts(core.watch),
        feeds=core.feeds,
        intake=intake,
        sources=sources,
        source_deliveries=SourceDeliveries(database, intake, settings.max_page),
        source_health=source_health,
        source_polls=SourcePolls(database),
        snapshots=_snapshots(settings, core, source_health),
        reconciliations=Reconciliations(database, core.clock, sources, booking, settings.max_page),
        uploads=_uploads(settings, core),
        upload_jobs=UploadJobs(database, core.outbound, core.clock, source_health),
        audit=Audit(database, core.writer),
        rules=rules,
        news=news,
        webhooks=webhooks,
        webhook_replays=replays,
        webhook_fanout=fanout,
        webhook_sender=sender,
        channel_sync=ChannelSync(database, lookup, settings.channel_targets),
        alerts=Alerts(database, settings.max_page),
        alert_watch=core.alert_watch,
        notices=Notices(
            database,
            rules,
            NoticeLimits(
                settings.max_notices_per_holder or None, settings.max_notices_per_address or None
            ),
        ),
        try_source=try_source,
        announce=core.backplane.announce,
    )


def _snapshots(settings: Settings, core: _Core, health: SourceHealth) -> Snapshots:
    return Snapshots(
        core.database,
        core.rules,
        core.writer,
        health,
        settings.max_page,
        settings.snapshot_quarantine_days,
    )


def _uploads(settings: Settings, core: _Core) -> Uploads:
    return Uploads(
        core.database,
        core.outbound,
        core.clock,
        max_bytes=settings.max_upload_bytes,
        max_page=settings.max_page,
    )


def _webhooks(
    settings: Settings, core: _Core, news: News
) -> tuple[Webhooks, WebhookReplays, WebhookFanout, WebhookSender]:
    database, now = core.database, core.clock.now

    def consumer(name: str, manner: Manner) -> EventConsumer:
        return EventConsumer(database, core.rules, news, core.clock, name, manner)

    fanout = WebhookFanout(database, consumer, now, settings.event_source)
    webhooks = Webhooks(
        database,
        fanout,
        core.outbound,
        now,
        max_webhooks=settings.max_webhooks,
        max_page=settings.max_page,
    )
    sender = WebhookSender(
        database,
        core.outbound,
        now,
        requests_each=settings.webhook_requests_each,
        timeout_seconds=settings.webhook_timeout_seconds,
        max_backlog=settings.max_webhook_backlog,
        log_days=settings.webhook_log_days,
    )
    replays = WebhookReplays(database, webhooks, consumer, now, settings.event_source)
    return webhooks, replays, fanout, sender


def calm_garbage_collector() -> None:
    """What is alive after the start stays: the cycle collector need not look at it again, nor come
    every 700 objects. At its defaults it stops a server with many sockets for hundreds of
    milliseconds, and takes a fifth of the time of a batch of work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
