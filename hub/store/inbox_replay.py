"""A range of the inbox that is to be worked again.

Whether an event has taken effect says its own mark, which is written in the transaction of the
effect: what is marked so is not touched. All else of the range is put back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hub.domain.dead_letters import LetterStep
from hub.store.database import Database
from hub.store.dead_letters import requeue
from hub.store.inbox_history import note_action
from hub.store.transactions import Transaction, rows_of, run_tx

_RANGE = """
    from inbox where source = $1 and ($2::timestamptz is null or received_at >= $2)
      and received_at < $3"""

_TALLY = f"select type, state, count(*) as many {_RANGE} group by type, state"

_WAITING = f"select count(*) as many {_RANGE} and state = 'PENDING'"

_ANY_WAITING = f"select exists (select 1 {_RANGE} and state = 'PENDING') as found"

_TIME = "select clock_timestamp() as now"

_DEAD = f"""
    select id {_RANGE} and state = 'DEAD' and id > $4 order by id limit $5 for update"""


class InboxRange(NamedTuple):
    """What a source sent in a stretch of time."""

    source: str
    received_from: datetime | None
    """None: from the beginning."""
    received_to: datetime
    """Without this moment itself."""


async def tally(database: Database, of: InboxRange) -> dict[tuple[str, str], int]:
    """How many events there are of each type and state."""
    rows = await database.fetch(_TALLY, of)
    return {(row["type"], row["state"]): row["many"] for row in rows}


async def count_waiting(database: Database, of: InboxRange) -> int:
    """How many events are still to be worked."""
    return int((await database.fetch(_WAITING, of))[0]["many"])


async def any_waiting(database: Database, of: InboxRange) -> bool:
    """Whether any event is still to be worked."""
    return bool((await database.fetch(_ANY_WAITING, of))[0]["found"])


async def read_time(database: Database) -> datetime:
    """The time that the next entry would be received at."""
    now: datetime = (await database.fetch(_TIME, []))[0]["now"]
    return now


async def put_back(
    database: Database, of: InboxRange, after: int, limit: int, actor: str
) -> Sequence[int]:
    """Have the next dead letters behind the id `after` worked again; their ids."""

    async def work(client: Transaction) -> Sequence[int]:
        ids = [row["id"] for row in await rows_of(client, _DEAD, [*of, after, limit])]
        if ids:
            await requeue(client, ids)
            await note_action(client, ids, LetterStep.REPLAYED, actor)
        return ids

    return await run_tx(database, work)
