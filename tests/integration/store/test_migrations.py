"""The tables of an older hub, with what is in them, become those of this one."""

import hashlib
from typing import Any

import asyncpg
import orjson
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from hub.domain.dead_letters import SoughtLetters
from hub.domain.values import UNIT
from hub.store.database import APP, connection_arguments, tortoise_config
from hub.store.migrate import migrate
from tests.integration.events import adjusted, inbox_states
from tests.integration.shop import CLERK, broken_rules, opened, position, put_shop
from workers.ingest import Ingest

BEFORE_DEAD_LETTERS = MigrationTarget(APP, "0008_channel_sync")

PUT = """
    insert into inbox (source, event_id, type, payload, payload_hash, state, attempts, error_code,
                       error, worked_at)
    values ('shop', $1, $2, $3::jsonb, $4, $5, $6, $7, $7,
            case when $5 = 'PENDING' then null else now() end)"""


async def make_tables(database_url: str, target: MigrationTarget) -> None:
    config = tortoise_config(database_url)
    async with TortoiseContext() as context:
        await context.init(config=config)
        executor = MigrationExecutor(context.connections.get("default"), {APP: config["apps"][APP]})
        await executor.migrate([target])


async def put(connection: asyncpg.Connection, event: dict[str, Any], state: str) -> None:
    text = orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(text).digest()
    failed = ("UNKNOWN_SKU",) if state == "DEAD" else (None,)
    tries = 0 if state == "PENDING" else 1
    values = [event["id"], event["type"], text.decode(), digest, state, tries, *failed]
    await connection.execute(PUT, *values)


async def test_an_inbox_from_before_dead_letters_is_worked_on(empty_database_url: str) -> None:
    await make_tables(empty_database_url, BEFORE_DEAD_LETTERS)
    waiting, dead, done = (adjusted(3, id=id) for id in ("waiting", "dead", "done"))
    connection = await asyncpg.connect(**connection_arguments(empty_database_url))
    try:
        assert await connection.fetchval("select to_regclass('delivery')") is None
        for event, state in ((waiting, "PENDING"), (dead, "DEAD"), (done, "APPLIED")):
            await put(connection, event, state)
    finally:
        await connection.close()

    await migrate(empty_database_url)
    async with opened(empty_database_url) as services:
        await put_shop(services)
        (letter,) = (await services.intake.letters.page(CLERK, SoughtLetters(), 10, None)).nodes
        assert (letter.event_id, letter.attempts) == ("dead", 1)
        put_back = await services.intake.letters.requeue(CLERK, str(letter.id))
        assert [one.step for one in put_back.history] == ["FAILED", "REQUEUED"]
        (known,) = await services.intake.accept_events(CLERK, "shop", [done])
        assert known.duplicate
        assert (await Ingest(services).drain()).dead_letters == 0
        assert set((await inbox_states(services)).values()) == {"APPLIED"}
        assert (await position(services)).on_hand == 6 * UNIT
        assert await broken_rules(services) == {}
        assert await services.sources.all(CLERK) == []
        assert (await services.source_deliveries.page(CLERK, None, None, 10, None)).nodes == []
