"""Sources that write to streams, and a hub that reads them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count as counting
from typing import Any

import orjson

from hub.bootstrap import Services
from hub.domain.source_deliveries import SourceDelivery
from hub.domain.sources import source_from
from hub.services.source_health import SourceHealth
from tests.integration.shop import CLERK
from tests.integration.streams.brokers import Broker
from workers.ingest import Ingest
from workers.streams.streams import Streams

ADDRESS = "ACME_STREAM_URL"
_numbers = counting(1)


class Told(SourceHealth):
    """Remembers beside how it goes with sources."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.database, services.announce)
        self.heard_of: list[str] = []
        self.answered_of: list[str] = []
        self.problems: list[str] = []

    async def heard(self, source: str, at: datetime | None = None) -> None:
        """Remember it."""
        self.heard_of.append(source)
        await super().heard(source, at)

    async def answered(self, source: str) -> None:
        """Remember it."""
        self.answered_of.append(source)
        await super().answered(source)

    async def failed(self, source: str, problem: str, retry_after: timedelta | None = None) -> None:
        """Remember it."""
        self.problems.append(problem)
        await super().failed(source, problem, retry_after)


async def put_source(
    services: Services, broker: Broker, name: str | None = None, **more: Any
) -> str:
    """Put the source `acme` with a stream of its own; what that is called."""
    stream = name or f"stock-{next(_numbers)}"
    plain = {"broker": broker.kind, "address": ADDRESS, "name": stream, **more}
    if broker.claims:
        plain = {"claim_seconds": 1, **plain}
    source = source_from({"name": "acme", "format": "cloudevents", "stream": plain})
    await services.sources.put(CLERK, source)
    return stream


@asynccontextmanager
async def reading(services: Services, environment: Mapping[str, str]) -> AsyncIterator[Told]:
    """A hub that reads its streams meanwhile, and works its inbox."""
    stop, told = asyncio.Event(), Told(services)
    services = replace(services, source_health=told)
    jobs = [
        asyncio.create_task(job.run(stop))
        for job in (Streams(services, environment), Ingest(services))
    ]
    try:
        yield told
    finally:
        stop.set()
        await asyncio.gather(*jobs)


async def deliveries(services: Services) -> list[SourceDelivery]:
    """What is kept of the source, the oldest first."""
    page = await services.source_deliveries.page(CLERK, "acme", None, 100, None)
    return page.nodes[::-1]


def body(event: Mapping[str, Any]) -> bytes:
    """An event as it is sent."""
    return orjson.dumps(event)
