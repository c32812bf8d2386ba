"""When sources are asked next, and what is remembered of the last time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson

from hub.domain.polling import Polled, Polling, PollOutcome, PollState
from hub.store.database import Database
from hub.store.transactions import Transaction, rows_of

# Put anew, a source is asked at once, by what was put.
_BEGIN: Final = """
    insert into source_poll as p (source, source_version, state)
    select s.name, s.version, jsonb_build_object('key', nextval('source_poll_turn')::text)
    from source s left join source_poll known on known.source = s.name
    where s.configuration ? 'fetch'
      and (known.source is null or known.source_version <> s.version)
    order by s.name
    on conflict (source) do update set
        source_version = excluded.source_version, turn = nextval('source_poll_turn'),
        next_at = clock_timestamp()
    where p.source_version < excluded.source_version
    returning p.source, p.turn"""

_OVERDUE: Final = """
    select source, turn from source_poll where next_at < clock_timestamp() - $1::interval"""

_END: Final = """
    delete from source_poll p
    where not exists (
        select from source s where s.name = p.source and s.configuration ? 'fetch')"""

_READ: Final = """
    select turn, source_version, state::text as state from source_poll where source = $1"""

_FINISH: Final = """
    update source_poll set
        turn = nextval('source_poll_turn'), next_at = clock_timestamp() + $3::interval,
        state = $4::text::jsonb, last_at = coalesce($5, last_at), outcome = $6, problem = $7,
        report = coalesce(nullif($8::text::jsonb, '{}'), report)
    where source = $1 and turn = $2
    returning turn"""

_LIST: Final = """
    select source, next_at, last_at, outcome, problem, report::text as report
    from source_poll where source = any($1)"""


class Turn(NamedTuple):
    """A poll that is to be."""

    source: str
    turn: int


class Due(NamedTuple):
    """What a poll begins with."""

    turn: int
    version: int
    """Of the source, when the turn was given."""
    state: PollState


async def begin_polls(tx: Transaction) -> list[Turn]:
    """Sources that are to be asked and were not, or were put anew; those that are to be asked no
    more are forgotten."""
    await tx.execute_query(_END)
    return [Turn(**row) for row in await rows_of(tx, _BEGIN)]


async def read_overdue_polls(tx: Transaction, grace: timedelta) -> list[Turn]:
    """Polls that should have begun so long ago."""
    return [Turn(**row) for row in await rows_of(tx, _OVERDUE, [grace])]


async def read_poll(database: Database, source: str) -> Due | None:
    """The poll of a source that is to be next."""
    rows = await database.fetch(_READ, [source])
    if not rows:
        return None
    state = orjson.loads(rows[0]["state"])
    for name in ("names", "changed"):
        state[name] = tuple(state.get(name, ()))
    return Due(rows[0]["turn"], rows[0]["source_version"], PollState(**state))


async def finish_poll(
    tx: Transaction, of: Turn, polled: Polled, asked_at: datetime | None, after: timedelta
) -> Turn | None:
    """Put down what became of a poll; the next one. None where its turn has passed."""
    rows = await rows_of(
        tx,
        _FINISH,
        [*of, after, _json(polled.state._asdict()), asked_at, polled.outcome.value, polled.problem,
         _json(polled.report)],
    )  # fmt: skip
    return Turn(of.source, rows[0]["turn"]) if rows else None


async def read_pollings(database: Database, sources: Sequence[str]) -> dict[str, Polling]:
    """How asking goes on, of those sources that are asked."""
    rows = await database.fetch(_LIST, [list(sources)])
    return {row["source"]: _polling(row) for row in rows}


def _polling(row: Mapping[str, Any]) -> Polling:
    outcome = None if row["outcome"] is None else PollOutcome(row["outcome"])
    report = orjson.loads(row["report"])
    return Polling(row["next_at"], row["last_at"], outcome, row["problem"], report)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
