"""Reads the streams of all sources that have one, as they are configured at the time."""

import asyncio
import os
from collections.abc import Mapping
from typing import Final, NamedTuple

import structlog

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput, SourceNotFound, Unavailable
from hub.domain.principal import trusted
from hub.live.ending import end
from workers.streams.taking import Taking

LOOK_SECONDS: Final = 2.0
"""Between two looks at which sources there are."""
_PRINCIPAL: Final = trusted("streams")

log = structlog.get_logger()


class _Running(NamedTuple):
    """A source that is being read."""

    version: int
    stop: asyncio.Event
    task: asyncio.Task[None] | None
    """None for one that can not be read as it is configured."""


class Streams:
    """One reader for each source that has a stream. Several processes share what comes: a broker
    hands each message to one reader of a group."""

    def __init__(
        self,
        services: Services,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._services = services
        self._environment = environment
        self._running: dict[str, _Running] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop` is set; a source that is put, changed or removed meanwhile is read so
        within some seconds."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                try:
                    await self.follow()
                except Unavailable:
                    log.warning("streams.sources_unread")
                await asyncio.wait({stopping}, timeout=LOOK_SECONDS)
        finally:
            await end([stopping])
            await self._end(self._running)

    async def follow(self) -> None:
        """Look which sources have a stream, end what is read otherwise, and begin what is not."""
        versions = await self._services.sources.versions_with(_PRINCIPAL, "stream")
        await self._end(
            {
                name: one
                for name, one in self._running.items()
                if versions.get(name) != one.version or (one.task is not None and one.task.done())
            }
        )
        for name in versions.keys() - self._running.keys():
            try:
                stored = await self._services.sources.get(_PRINCIPAL, name)
            except SourceNotFound:
                continue
            except InvalidInput as error:
                # A newer hub has put it.
                log.error("streams.source_unreadable", source=name, field=error.data["field"])
                self._running[name] = _Running(versions[name], asyncio.Event(), None)
                continue
            if stored.source.stream is None:
                continue
            taking = Taking(self._services, stored.source, stored.source.stream, self._environment)
            ended = asyncio.Event()
            task = asyncio.create_task(taking.run(ended), name=f"stream of {name}")
            self._running[name] = _Running(stored.version, ended, task)

    async def _end(self, running: Mapping[str, _Running]) -> None:
        for one in running.values():
            one.stop.set()
        for name, one in list(running.items()):
            if one.task is not None:
                (failed,) = await asyncio.gather(one.task, return_exceptions=True)
                if failed is not None:
                    log.error("streams.failed", source=name, error=repr(failed))
            del self._running[name]
