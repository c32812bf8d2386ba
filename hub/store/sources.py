"""The sources, as people have configured them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from hub.store.database import Database
from hub.store.transactions import Transaction, rows_of

# The configuration of a version that is known is not sent again.
_READ: Final = """
    select version, updated_at, updated_by,
           case when version is distinct from $2 then configuration::text end as configuration
    from source where name = $1"""

_LIST: Final = """
    select version, updated_at, updated_by, configuration::text as configuration
    from source order by name"""

_WITH: Final = "select name, version from source where configuration ? $1"

# Expecting nothing, whatever is there is replaced; expecting 0, nothing may be there. A row that
# somebody else puts meanwhile is waited for, and compared as it is then.
_PUT: Final = """
    insert into source as s (name, configuration, updated_at, updated_by)
    select $1, $2::text::jsonb, clock_timestamp(), $3
    where coalesce($4::bigint, 0) = 0 or exists (select from source where name = $1)
    on conflict (name) do update set
        version = excluded.version, configuration = excluded.configuration,
        updated_at = excluded.updated_at, updated_by = excluded.updated_by
    where $4::bigint is null or s.version = $4
    returning version, updated_at"""

_REMOVE: Final = """
    delete from source where name = $1 and ($2::bigint is null or version = $2) returning name"""


class SourceRow(NamedTuple):
    """A source; the configuration is None where the caller knows it."""

    version: int
    updated_at: datetime
    updated_by: str
    configuration: Mapping[str, Any] | None


async def read_source(
    client: Database | Transaction, name: str, known_version: int | None = None
) -> SourceRow | None:
    """One source, if there is one of that name."""
    rows = await rows_of(client, _READ, [name, known_version])
    return _row(rows[0]) if rows else None


async def read_sources(database: Database) -> list[SourceRow]:
    """All sources, by name."""
    return [_row(row) for row in await database.fetch(_LIST)]


async def read_versions_with(database: Database, key: str) -> dict[str, int]:
    """The versions of sources whose configuration has a key, by their names."""
    return {row["name"]: row["version"] for row in await database.fetch(_WITH, [key])}


async def put_source(
    client: Transaction,
    name: str,
    configuration: Mapping[str, Any],
    by: str,
    if_version: int | None,
) -> tuple[int, datetime] | None:
    """Add or replace a source; its new version, and when that was. None where it is not at
    `if_version`, which is 0 where there is to be none."""
    text = orjson.dumps(configuration).decode()
    rows = await rows_of(client, _PUT, [name, text, by, if_version])
    return (rows[0]["version"], rows[0]["updated_at"]) if rows else None


async def remove_source(client: Transaction, name: str, if_version: int | None) -> bool:
    """Remove a source; whether it was there, at that version."""
    return bool(await rows_of(client, _REMOVE, [name, if_version]))


def _row(row: Mapping[str, Any]) -> SourceRow:
    text = row["configuration"]
    return SourceRow(
        row["version"],
        row["updated_at"],
        row["updated_by"],
        None if text is None else orjson.loads(text),
    )
