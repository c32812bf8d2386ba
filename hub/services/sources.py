"""Sources: who tells the hub of stock, and how that is understood, as people configure it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
import structlog

from hub.domain.errors import InvalidInput, SourceChanged, SourceNotFound, Unavailable
from hub.domain.principal import AccessScope, Principal
from hub.domain.sources import Source, StoredSource, source_from
from hub.domain.values import identifier_from
from hub.services.once import Outcome, done_once
from hub.store import sources as rows
from hub.store.database import Database
from hub.store.source_health import follow_source, unfollow_source
from hub.store.transactions import Transaction

_DOOR: Final = Principal("door", frozenset({AccessScope.EVENTS_INGEST}))

log = structlog.get_logger()

CheckOptions = Callable[[Mapping[str, Any]], None]
"""Raises `InvalidInput` for options that a format does not have."""


class Sources:
    """Reads and maintains sources.

    One is read by a statement of its own each time it is asked for, so that a secret which is
    taken out counts no more at once; only what was understood of it is kept, by its version.
    """

    def __init__(self, database: Database, formats: Mapping[str, CheckOptions]) -> None:
        self._database = database
        self._formats = formats
        self._known: dict[str, StoredSource] = {}

    async def put(
        self,
        principal: Principal,
        source: Source,
        if_version: int | None = None,
        key: str | None = None,
    ) -> StoredSource:
        """Add or replace a source: with `if_version`, only the one of that version, and with 0
        only where there is none. Raises `SourceChanged` or `SourceNotFound`, `InvalidInput` for
        what its format does not understand, and under a key what `done_once` raises."""
        principal.require(AccessScope.ADMIN)
        self.check(source)
        plain = source.as_plain()

        async def work(client: Transaction) -> Outcome:
            put = await rows.put_source(client, source.name, plain, principal.name, if_version)
            if put is None:
                raise await _moved_on(client, source.name, if_version)
            version, updated_at = put
            await follow_source(client, source)
            return {"version": version, "updated_at": updated_at.isoformat()}

        request = ("putSource", orjson.dumps(plain).decode(), if_version)
        outcome = await done_once(self._database, principal, key, request, work)
        updated_at = datetime.fromisoformat(outcome["updated_at"])
        return StoredSource(source, outcome["version"], updated_at, principal.name)

    async def remove(
        self,
        principal: Principal,
        name: str,
        if_version: int | None = None,
        key: str | None = None,
    ) -> None:
        """Remove a source. What it has told stays, and so do its events: should it be put anew,
        they count as told. Raises as `put` does."""
        principal.require(AccessScope.ADMIN)

        async def work(client: Transaction) -> Outcome:
            if not await rows.remove_source(client, name, if_version):
                raise await _moved_on(client, name, if_version)
            await unfollow_source(client, name)
            return {}

        request = ("removeSource", name, if_version)
        await done_once(self._database, principal, key, request, work)
        self._known.pop(name, None)

    async def get(self, principal: Principal, name: str) -> StoredSource:
        """A source. Raises `SourceNotFound`."""
        principal.require(AccessScope.EVENTS_INGEST)
        known = self._known.get(name)
        row = await rows.read_source(self._database, name, known and known.version)
        if row is None:
            self._known.pop(name, None)
            raise SourceNotFound(name=name)
        if row.configuration is None:
            assert known is not None
            return known
        stored = self._known[name] = _stored(row)
        return stored

    async def find(self, name: str) -> Source | None:
        """The source of that name, for who is at the door and not known yet; None if there is
        none. Raises `Unavailable` where there is one that can not be read."""
        try:
            identifier_from(name, "name")
        except InvalidInput:
            return None
        try:
            return (await self.get(_DOOR, name)).source
        except SourceNotFound:
            return None
        except InvalidInput as error:
            # A newer hub has put it. Its sender is to come again, and not to be told who he is not.
            log.error("sources.unreadable", source=name, field=error.data["field"])
            raise Unavailable from error

    async def all(self, principal: Principal) -> list[StoredSource]:
        """All sources, by name."""
        principal.require(AccessScope.ADMIN)
        return [_stored(row) for row in await rows.read_sources(self._database)]

    def check(self, source: Source) -> None:
        """Raise `InvalidInput` where the format of a source is unknown, or has no such options."""
        check = self._formats.get(source.format)
        if check is None:
            known = ", ".join(sorted(self._formats)) or "none is installed"
            raise InvalidInput(field="format", problem=f"must be one of: {known}")
        try:
            check(source.options)
        except InvalidInput as error:
            field = error.data["field"].removeprefix("options.")
            path = field if field == "options" else f"options.{field}"
            raise InvalidInput(field=path, problem=error.data["problem"]) from None


async def _moved_on(
    client: Transaction, name: str, expected: int | None
) -> SourceChanged | SourceNotFound:
    row = await rows.read_source(client, name)
    if row is None:
        return SourceNotFound(name=name)
    return SourceChanged(name=name, expected=expected, actual=row.version)


def _stored(row: rows.SourceRow) -> StoredSource:
    assert row.configuration is not None
    source = source_from(row.configuration)
    return StoredSource(source, row.version, row.updated_at, row.updated_by)
