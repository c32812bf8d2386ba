"""What is known of snapshots: which there are, what one would change, and what was refused."""

from typing import Final

from hub.domain.errors import SnapshotNotFound
from hub.domain.guard_rails import check_rail
from hub.domain.principal import AccessScope, Principal
from hub.domain.snapshots import RefusedRow, Snapshot, SnapshotChange, SnapshotState
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.ids import number_from
from hub.store.database import Database
from hub.store.snapshot_jobs import read_refusals, read_snapshot, read_snapshots
from hub.store.snapshot_staging import read_widest_changes

MAX_REFUSALS_SHOWN: Final = 1_000


class KnownSnapshots:
    """Reads snapshots; changes none."""

    def __init__(self, database: Database, max_page: int) -> None:
        self._database = database
        self._max_page = max_page

    async def page(
        self, principal: Principal, state: SnapshotState | None, first: int, after: str | None
    ) -> Page[Snapshot]:
        """The next snapshots behind the cursor `after`, the newest first. Raises `InvalidInput`."""
        principal.require(AccessScope.STOCK_WRITE)
        check_page_size(first, self._max_page)
        before = None if after is None else place_from(after, (int,))[0]
        found = await read_snapshots(self._database, state, before, first + 1)
        cursors = [cursor_of([one.id]) for one in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def by_id(self, principal: Principal, id: str) -> Snapshot:
        """What is known of a snapshot. Raises `SnapshotNotFound`."""
        principal.require(AccessScope.STOCK_WRITE)
        return await self._named(id)

    async def refusals(
        self, principal: Principal, id: int, limit: int = MAX_REFUSALS_SHOWN
    ) -> list[RefusedRow]:
        """The first rows of a snapshot that were refused."""
        principal.require(AccessScope.STOCK_WRITE)
        return await read_refusals(self._database, id, limit)

    async def widest_changes(
        self, principal: Principal, id: str, first: int, rail: str | None = None
    ) -> list[SnapshotChange]:
        """What a snapshot in quarantine would change most if it were approved now, or of that, what
        a guard rail looks at; nothing of any other snapshot. Raises `InvalidInput`."""
        principal.require(AccessScope.STOCK_WRITE)
        check_rail(rail, "rail")
        check_page_size(first, self._max_page)
        snapshot = await self.find(principal, id)
        if snapshot is None or snapshot.state is not SnapshotState.QUARANTINED:
            return []
        return await read_widest_changes(self._database, snapshot.id, rail, first)

    async def find(self, principal: Principal, id: str) -> Snapshot | None:
        """What is known of a snapshot; None if there is none."""
        try:
            return await self.by_id(principal, id)
        except SnapshotNotFound:
            return None

    async def refusal_page(
        self, principal: Principal, id: str, first: int, after: str | None
    ) -> Page[RefusedRow] | None:
        """Rows of a snapshot that were refused, by line; None if there is no such snapshot."""
        check_page_size(first, self._max_page)
        behind = -1 if after is None else place_from(after, (int,))[0]
        snapshot = await self.find(principal, id)
        if snapshot is None:
            return None
        found = await read_refusals(self._database, snapshot.id, first + 1, behind)
        cursors = [cursor_of([one.line]) for one in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def _named(self, id: str) -> Snapshot:
        found = await read_snapshot(self._database, number_from(id))
        if found is None:
            raise SnapshotNotFound(id=id)
        return found
