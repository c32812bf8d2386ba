"""Bringing a young PostgreSQL to how an old one is."""

import asyncpg

from hub.store.database import connection_arguments

_SEGMENTS_KEPT = """
    select (pg_size_bytes(current_setting('min_wal_size'))
            / pg_size_bytes(current_setting('wal_segment_size')))::int"""


async def make_log_segments(database_url: str) -> None:
    """Let the server have all the segments of its write-ahead log that it uses again and again.

    A young server makes each one when it comes to it, in the midst of somebody's commit, which
    then takes 40 to 100 ms instead of less than one. Takes some seconds, and a user who is
    allowed to switch segments.
    """
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await connection.execute("create table log_filler (id int)")
        for _ in range(await connection.fetchval(_SEGMENTS_KEPT)):
            await connection.execute("insert into log_filler values (1)")
            await connection.execute("select pg_switch_wal()")
        # Only a checkpoint makes those that were written available again.
        await connection.execute("checkpoint")
        await connection.execute("drop table log_filler")
    finally:
        await connection.close()
