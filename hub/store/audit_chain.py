"""Verifying the chain of digests: whether the ledger still says what was once written.

Entries stream by from a server-side cursor, so it takes as little memory for a hundred million of
them as for a hundred. What no chain can show is a ledger that was rewritten as a whole, links and
all: for that there is the root, a digest over the newest links of all positions. Whoever has noted
a root elsewhere can have it computed again for that moment.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import orjson

from hub.domain.errors import Unavailable
from hub.domain.movements import Movement
from hub.domain.values import LocationId, Sku
from hub.store.chain import link
from hub.store.database import CONNECTION_LOST, connection_arguments
from hub.store.ledger_rows import MOVEMENT_COLUMNS
from hub.store.snapshot import snapshot

Tell = Callable[[int, int], None]

FETCHED = 5_000
BROKEN_SHOWN = 1_000
MOST_OF_A_BATCH = 200_000
"""Far more entries than a batch can write at one position: so many are never kept in memory."""

_FIELDS = len(Movement._fields)
_RECORDED_AT, _CHAIN, _HEAD = _FIELDS, _FIELDS + 1, _FIELDS + 2

# Ordered by bytes, so that the root is the same whatever the collation of a database. The link
# that a position keeps comes along with the entry that it stands at.
_ENTRIES = f"""
    select {MOVEMENT_COLUMNS.replace("m.reservation_id", "m.reservation_id::text")},
           m.recorded_at, m.chain, p.chain as head
    from movement m left join position p
        on p.sku = m.sku and p.location = m.location and p.version = m.version
    order by m.sku collate "C", m.location collate "C", m.version"""  # noqa: S608 - constants

_POSITIONS_WITHOUT_ENTRIES = """
    select p.sku, p.location from position p
    where not exists (
        select from movement m where m.sku = p.sku and m.location = p.location)
    order by p.sku, p.location"""

# A batch is written with a time of its transaction and seen when it commits: only what was recorded
# before the oldest transaction of a writer that is still open is certain to be seen by everybody.
_CERTAIN = """
    select least(clock_timestamp(), min(xact_start)) from pg_stat_activity
    where datname = current_database() and application_name = 'availability-hub writer'"""


class BrokenChain(NamedTuple):
    """A position whose ledger is not what was written, from the entry `version` on."""

    sku: Sku
    location: LocationId
    version: int
    problem: str


class ChainReport(NamedTuple):
    """What a walk along all chains has found."""

    movements: int
    positions: int
    broken_positions: int
    broken: list[BrokenChain]
    """The first 1,000 of them."""
    root: str
    """SHA-256, in hex, over the newest link of every position at `as_of`."""
    as_of: datetime

    @property
    def clean(self) -> bool:
        """Whether every chain holds."""
        return not self.broken_positions

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            **self._asdict(),
            "clean": self.clean,
            "broken": [one._asdict() for one in self.broken],
        }


async def verify_chains(
    database_url: str, until: datetime | None = None, tell: Tell | None = None
) -> ChainReport:
    """Walk along the chain of every position. The root is that of `until`, if that is given and
    not later than what is certain by now. Raises `Unavailable`."""
    certain = await _certain(database_url)
    as_of = certain if until is None else min(certain, until)
    async with snapshot(database_url) as connection:
        total = await connection.fetchval("select count(*) from movement")
        walk = _Walk(as_of)
        cursor = await connection.cursor(_ENTRIES)
        while rows := await cursor.fetch(FETCHED):
            walk.take(rows)
            if tell is not None:
                tell(walk.movements, total)
            # Whoever shares the loop, or wants to end it, has his turn.
            await asyncio.sleep(0)
        walk.end()
        for row in await connection.fetch(_POSITIONS_WITHOUT_ENTRIES):
            walk.tell_broken(row["sku"], row["location"], 1, "all its entries are missing")
    return ChainReport(
        walk.movements, walk.positions, walk.broken_positions, walk.broken, walk.root(), as_of
    )


async def _certain(database_url: str) -> datetime:
    try:
        connection = await asyncpg.connect(**connection_arguments(database_url))
    except CONNECTION_LOST as lost:
        raise Unavailable from lost
    try:
        moment: datetime = await connection.fetchval(_CERTAIN)
        return moment
    finally:
        await connection.close()


class _Walk:
    """Takes entries in the order of their position and version."""

    def __init__(self, as_of: datetime) -> None:
        self.movements = 0
        self.positions = 0
        self.broken_positions = 0
        self.broken: list[BrokenChain] = []
        self._as_of = as_of
        self._root = hashlib.sha256()
        self._key: tuple[Sku, LocationId] | None = None
        self._next = 1
        self._intact = True
        self._link: bytes | None = None
        self._head: bytes | None = None
        self._batch: list[Sequence[Any]] = []
        self._leaf: tuple[int, bytes] | None = None

    def take(self, rows: Sequence[Any]) -> None:
        """Walk on along these entries."""
        for row in rows:
            sku, location, version = row[0], row[1], row[2]
            if self._key != (sku, location):
                self.end()
                self._begin(sku, location)
            if self._intact:
                if version != self._next:
                    self._break(self._next, _misnumbered(self._next, version))
                else:
                    self._next = version + 1
                    self._head = row[_HEAD]
                    self._batch.append(row)
                    if row[_CHAIN] is not None:
                        self._close_batch(row)
                    elif len(self._batch) > MOST_OF_A_BATCH:
                        self._break(self._batch[0][2], "no entry keeps a link")
            if row[_CHAIN] is not None and row[_RECORDED_AT] < self._as_of:
                self._leaf = (version, row[_CHAIN])
        self.movements += len(rows)

    def end(self) -> None:
        """The entries of a position are over: its last one must be what the position stands at."""
        if self._key is None:
            return
        if self._intact:
            if self._batch:
                self._break(self._batch[0][2], "the newest entries have no link")
            elif self._head is None:
                self._break(self._next - 1, "the position does not stand at its newest entry")
            elif self._head != self._link:
                self._break(self._next - 1, "the position keeps another link than its newest entry")
        if self._leaf is not None:
            version, newest = self._leaf
            self._root.update(orjson.dumps([*self._key, version, newest.hex()]))
        self._key = None

    def root(self) -> str:
        """The digest over the newest links of all positions."""
        return self._root.hexdigest()

    def tell_broken(self, sku: Sku, location: LocationId, version: int, problem: str) -> None:
        """Note a position whose chain is broken."""
        self.broken_positions += 1
        if len(self.broken) < BROKEN_SHOWN:
            self.broken.append(BrokenChain(sku, location, version, problem))

    def _begin(self, sku: Sku, location: LocationId) -> None:
        self.positions += 1
        self._key = (sku, location)
        self._next = 1
        self._intact = True
        self._link = self._head = self._leaf = None
        self._batch.clear()

    def _close_batch(self, last: Sequence[Any]) -> None:
        recorded_at = last[_RECORDED_AT]
        entries = [row[:_FIELDS] for row in self._batch]
        if any(row[_RECORDED_AT] != recorded_at for row in self._batch):
            self._break(entries[0][2], "entries of one batch have different times")
        elif link(self._link, entries, recorded_at) != last[_CHAIN]:
            self._break(entries[0][2], _where(entries))
        else:
            self._link = last[_CHAIN]
        self._batch.clear()

    def _break(self, version: int, problem: str) -> None:
        assert self._key is not None
        self.tell_broken(*self._key, version, problem)
        self._intact = False
        self._batch.clear()


def _misnumbered(expected: int, version: int) -> str:
    if version < expected:
        return f"entry {version} is there twice"
    return f"entry {expected} is missing"


def _where(entries: Sequence[Sequence[Any]]) -> str:
    first, last = entries[0][2], entries[-1][2]
    which = f"entry {first}" if first == last else f"one of the entries {first} to {last}"
    return f"{which} is not what was written"
