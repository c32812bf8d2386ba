"""A look into the database of a hub that runs as a process of its own."""

import asyncio
from typing import Any

import asyncpg

from hub.store.database import connection_arguments


async def answer_to(database_url: str, question: str) -> Any:
    """The one value that a question asks for."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def answer_now(database_url: str, question: str) -> Any:
    """The same, for tests that are not asynchronous."""
    return asyncio.run(answer_to(database_url, question))
