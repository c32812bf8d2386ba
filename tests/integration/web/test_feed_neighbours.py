"""What one reader of a feed does harms nobody who reads it with him."""

import asyncpg
import httpx
import pytest

from hub.bootstrap import Services
from hub.store.database import SERVER_SETTINGS, connection_arguments
from tests.integration.serving import feed, served
from tests.integration.shop import count, opened, reserve

EARLIEST = "earliest/999:999:.0123456789abcdef/998/"


@pytest.mark.parametrize(
    ("of", "id"),
    [
        ("availability", "earliest!%00"),
        ("availability", "earliest!" + "A" * 65),
        ("availability", EARLIEST + "%00"),
        ("reservations", "earliest!A-1"),
        ("reservations", "earliest!00000000-0000-0000-0000-00000000000G"),
        ("alerts", "earliest!A-1"),
        ("alerts", "earliest!9999999999999999999"),
    ],
)
async def test_an_id_that_somebody_made_up_ends_nobody_elses_feed(
    services: Services, client: httpx.AsyncClient, of: str, id: str
) -> None:
    await count(services, "A-1", 5)
    async with feed(client, "", of) as partner:
        await partner.next()
        async with feed(client, "", of, **{"last-event-id": id}) as stranger:
            assert (await stranger.next()).event == "reset"
            await stranger.next()
        if of == "availability":
            await count(services, "B-2", 7)
            await partner.tells("B-2", 7)
        elif of == "reservations":
            await reserve(services)
            assert (await partner.next()).data["state"] == "HELD"


async def test_who_has_missed_more_than_can_be_looked_through_delays_nobody(
    services: Services,
    client: httpx.AsyncClient,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with feed(client, "") as partner:
        known = (await partner.next()).id
    assert known is not None
    await much_is_written(database_url)
    monkeypatch.setitem(SERVER_SETTINGS, "statement_timeout", "250ms")
    async with (
        opened(database_url) as hub,
        served(hub) as other,
        feed(other, "", **{"last-event-id": known}) as late,
        feed(other, "") as partner,
    ):
        await count(hub, "A-1", 5)
        await partner.tells("A-1", 5)
        reset = await late.next()
        assert (reset.event, reset.data) == ("reset", {"reason": "TOO_FAR_BEHIND"})
        await late.tells("A-1", 5)
        await count(hub, "A-1", 4)
        await late.tells("A-1", 4)


async def much_is_written(database_url: str) -> None:
    """Put so much into the log that to look through it takes longer than a statement may."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await connection.execute(
            """
            insert into change (skus, recorded_at)
            select array(select 'S-' || (g * 7919 + i * 104729) % 20000
                         from generate_series(1, 200) i), clock_timestamp()
            from generate_series(1, 20000) g"""
        )
    finally:
        await connection.close()
