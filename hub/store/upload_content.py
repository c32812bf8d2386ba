"""The bytes of uploads, in pieces: whichever process takes one in finds them here."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from hub.store.database import Database
from hub.store.transactions import Transaction, rows_of

UNFINISHED_KEPT: Final = timedelta(days=1)
"""What nobody has finished sending by then never will be."""

_BEGIN: Final = "insert into upload_content default values returning id"
_PUT: Final = "insert into upload_piece (content, number, bytes) values ($1, $2, $3)"
_READ: Final = "select bytes from upload_piece where content = $1 and number = $2"
_DROP: Final = "delete from upload_content where id = $1"
_FORGET: Final = """
    with gone as (
        delete from upload_content where id in (
            select c.id from upload_content c
            where begun_at < clock_timestamp() - $1::interval
              and not exists (select from upload u where u.content = c.id)
            limit 1)
        returning id)
    select count(*) as gone from gone"""


async def begin_content(database: Database) -> int:
    """Make room for what is being sent; its id."""
    return int((await database.fetch(_BEGIN))[0]["id"])


async def put_piece(database: Database, content: int, number: int, piece: bytes) -> None:
    """Keep the next piece."""
    await database.fetch(_PUT, [content, number, piece])


async def read_pieces(database: Database, content: int) -> AsyncIterator[bytes]:
    """The pieces, in their order."""
    number = 0
    while rows := await database.fetch(_READ, [content, number]):
        yield rows[0]["bytes"]
        number += 1


async def drop_content(client: Database | Transaction, content: int) -> None:
    """Remove the bytes."""
    await rows_of(client, _DROP, [content])


async def forget_unfinished(database: Database) -> int:
    """Remove what was never finished, one by one, as each may be large; how many these were."""
    forgotten = 0
    while gone := (await database.fetch(_FORGET, [UNFINISHED_KEPT]))[0]["gone"]:
        forgotten += gone
    return forgotten
