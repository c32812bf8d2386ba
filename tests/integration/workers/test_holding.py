"""Whoever sends for a long time holds on to what he sends for, or stops."""

import asyncio

import pytest

from hub.bootstrap import Services
from hub.services.event_consumer import EventConsumer, Manner
from hub.store.event_consumers import Overtaken
from tests.integration.shop import execute
from tests.waiting import eventually
from workers import holding
from workers.holding import held

HELD_UNTIL = "select held_until from event_consumer"


@pytest.fixture
async def consumer(services: Services, monkeypatch: pytest.MonkeyPatch) -> EventConsumer:
    """A consumer that this process holds, and looks after often."""
    monkeypatch.setattr(holding, "HELD_SECONDS", 0.1)
    one = services.event_consumer("sender", Manner.CHANGES)
    await one.begin()
    assert await one.next() is not None
    return one


async def test_it_is_held_for_as_long_as_something_is_done(
    services: Services, consumer: EventConsumer, database_url: str
) -> None:
    await execute(
        database_url, "update event_consumer set held_until = now() + interval '1 second'"
    )
    before = await services.database.fetch(HELD_UNTIL)
    async with held(consumer):
        await eventually(lambda: services.database.fetch(HELD_UNTIL), lambda now: now != before)


async def test_who_loses_it_is_stopped_in_what_he_does(
    consumer: EventConsumer, database_url: str
) -> None:
    done = False

    async def do() -> None:
        nonlocal done
        async with held(consumer):
            await execute(
                database_url,
                """update event_consumer set holder = gen_random_uuid(),
                          held_until = now() + interval '1 minute'""",
            )
            await asyncio.sleep(60)
            done = True

    with pytest.raises(Overtaken):
        await do()
    assert not done


async def test_who_is_cancelled_meanwhile_is_cancelled(consumer: EventConsumer) -> None:
    async def doing() -> None:
        async with held(consumer):
            await asyncio.sleep(60)

    task = asyncio.create_task(doing())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
