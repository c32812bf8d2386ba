"""Bringing a database to the newest version of the tables."""

from pkgutil import iter_modules

import asyncpg
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor

from hub.domain.errors import TablesFromBefore, Unavailable
from hub.store import migrations
from hub.store.database import APP, CONNECTION_LOST, connection_arguments, tortoise_config
from hub.store.job_queue import install_queue
from hub.store.partitions import ensure_partitions

_ADVISORY_LOCK = 0x48554200
"""Two processes that start at once must not migrate at once."""

_HAS_LEDGER = "select to_regclass('tortoise_migrations') is not null"
_APPLIED = f"select name from tortoise_migrations where app = '{APP}'"  # noqa: S608 - constant
_FIRST_LEDGER = "0002_ledger"
"""The ledger as it was before the first release, without partitions and chains."""


async def migrate(database_url: str) -> None:
    """Apply the migrations that are missing and make the next months' partitions; done already, it
    changes nothing."""
    try:
        lock = await asyncpg.connect(**connection_arguments(database_url))
    except CONNECTION_LOST as lost:
        raise Unavailable from lost
    try:
        await lock.execute("select pg_advisory_lock($1)", _ADVISORY_LOCK)
        applied: set[str] = set()
        if await lock.fetchval(_HAS_LEDGER):
            applied = {name for (name,) in await lock.fetch(_APPLIED)}
        if _FIRST_LEDGER in applied:
            raise TablesFromBefore
        # Tortoise takes longer to find that nothing is missing than the rest of a start on tables.
        if {module.name for module in iter_modules(migrations.__path__)} - applied:
            await _apply(database_url)
        await ensure_partitions(lock)
        await install_queue(lock)
    finally:
        await lock.close()


async def _apply(database_url: str) -> None:
    config = tortoise_config(database_url)
    credentials = config["connections"]["default"]["credentials"]
    # A migration may rightly take longer than a statement of a request.
    limits = {"statement_timeout": "0", "lock_timeout": "10s"}
    credentials["server_settings"] = {**credentials["server_settings"], **limits}
    async with TortoiseContext() as context:
        await context.init(config=config)
        executor = MigrationExecutor(context.connections.get("default"), {APP: config["apps"][APP]})
        await executor.migrate(None)
