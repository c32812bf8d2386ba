"""Reads for the cache that take as long as a test wants."""

import asyncio

import pytest

from hub.bootstrap import Services
from hub.store.database import ReadConnection


def hold_up_reads(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Events: one has been read and is not handed on, and it may be, as all after it."""
    is_read, go_on = asyncio.Event(), asyncio.Event()
    records = ReadConnection.records

    async def held_up(self: ReadConnection, statement: str, values: object = ()) -> object:
        found = await records(self, statement, values)  # type: ignore[arg-type]
        is_read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(ReadConnection, "records", held_up)
    return is_read, go_on


def told_meanwhile(services: Services, sku: str) -> bool:
    """Whether what is being read of an item is known to be the past."""
    reading = services.lookup._stock._reading
    return reading is not None and sku in reading.overtaken
