"""Uploads for sources: taken from their senders piece by piece, and shown to them."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from hub.domain.decide_stock import CLOCK_TOLERANCE
from hub.domain.errors import (
    IdempotencyMismatch,
    InvalidInput,
    LimitExceeded,
    UploadNotFound,
)
from hub.domain.principal import AccessScope, Principal
from hub.domain.sender_proof import MIN_SECRET_BYTES, is_usable
from hub.domain.sources import SigningKind, Source
from hub.domain.uploads import Callback, NewUpload, Upload, UploadRow, UploadRowStatus
from hub.domain.values import identifier_from, text_from
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.clock import DatabaseClock
from hub.services.ids import number_from
from hub.services.outbound_http import OutboundHttp
from hub.services.requests import check_key
from hub.services.upload_jobs import UPLOAD_JOB
from hub.store.database import Database
from hub.store.job_queue import enqueue
from hub.store.transactions import Transaction, run_tx
from hub.store.upload_content import begin_content, drop_content, forget_unfinished, put_piece
from hub.store.upload_rows import read_rows
from hub.store.uploads import (
    Queued,
    count_unfinished,
    forget_uploads,
    queue_upload,
    read_upload,
    read_uploads,
)

PIECE_BYTES: Final = 1 << 20
"""What is kept of an upload at a time, in memory and as a row."""
MAX_UNFINISHED: Final = 50
"""Uploads of one principal that are still to be taken in."""
_ROWS_AT_ONCE: Final = 1_000


class Given(NamedTuple):
    """What a sender says of his upload."""

    media_type: str
    name: str | None = None
    """Of the file."""
    key: str | None = None
    """His own id of it, the same when he sends it again."""
    as_of: datetime | None = None
    """When that was so which tells of no time."""
    callback: Callback | None = None


class Uploads:
    """Takes uploads, and shows them: whoever has the scope sees his own, an admin all."""

    def __init__(
        self,
        database: Database,
        http: OutboundHttp,
        clock: DatabaseClock,
        *,
        max_bytes: int,
        max_page: int,
    ) -> None:
        self._database = database
        self._http = http
        self._clock = clock
        self._max_bytes = max_bytes
        self._max_page = max_page

    async def admit(self, principal: Principal, source: Source, given: Given) -> None:
        """Check what can be before the body comes. Raises `Forbidden`, `InvalidInput` and
        `LimitExceeded`."""
        principal.require(AccessScope.EVENTS_INGEST)
        if source.signing.kind is not SigningKind.NONE:
            # What he sends himself is signed: a token of somebody else must not stand in for that.
            principal.require(AccessScope.ADMIN)
        if given.name is not None:
            text_from(given.name, "name")
        if given.key is not None:
            check_key(given.key)
        if given.as_of is not None and given.as_of > self._clock.now() + CLOCK_TOLERANCE:
            raise InvalidInput(field="asOf", problem="lies in the future")
        if given.callback is not None:
            await self._check(given.callback)
        unfinished = await count_unfinished(self._database, principal.name)
        if unfinished >= MAX_UNFINISHED:
            what = "The number of uploads that wait to be taken in"
            raise LimitExceeded(what=what, limit=MAX_UNFINISHED, actual=unfinished + 1)

    async def receive(
        self, principal: Principal, source: Source, given: Given, arriving: AsyncIterator[bytes]
    ) -> Queued:
        """Keep what comes, and have it taken in by a job: it is durable when this returns. The same
        again is the same upload; see `queue_upload`. What breaks off leaves nothing behind. Raises
        `IdempotencyMismatch`, `LimitExceeded`, and what `arriving` does."""
        content = await begin_content(self._database)
        try:
            digest, size = await self._keep(content, arriving)
        except BaseException:
            await drop_content(self._database, content)
            raise
        new = NewUpload(
            source.name, principal.name, given.name, given.media_type, given.key, given.as_of,
            source.as_plain(), digest, size, given.callback,
        )  # fmt: skip

        async def work(client: Transaction) -> Queued:
            queued = await queue_upload(client, new, content)
            if not queued.again:
                # Without a key: one that is done keeps its own until that is noted.
                await enqueue(client, UPLOAD_JOB, str(queued.upload.id).encode())
            return queued

        try:
            return await run_tx(self._database, work)
        except IdempotencyMismatch:
            # Of all else nobody knows whether it was committed.
            await drop_content(self._database, content)
            raise

    async def get(self, principal: Principal, id: str, source: str | None = None) -> Upload:
        """An upload. Raises `UploadNotFound`, also for one of somebody else, or of another source
        than is named."""
        found = await self.find(principal, id)
        if found is None or source not in (None, found.source):
            raise UploadNotFound(id=id)
        return found

    async def find(self, principal: Principal, id: str) -> Upload | None:
        """An upload; None where there is none that the principal may see."""
        principal.require(AccessScope.EVENTS_INGEST)
        return await read_upload(self._database, number_from(id), _seen_by(principal))

    async def page(
        self, principal: Principal, source: str | None, first: int, after: str | None
    ) -> Page[Upload]:
        """Uploads for a source, or for all, the newest first."""
        principal.require(AccessScope.EVENTS_INGEST)
        check_page_size(first, self._max_page)
        if source is not None:
            identifier_from(source, "source")
        before = None if after is None else place_from(after, (int,))[0]
        owner = _seen_by(principal)
        found = await read_uploads(self._database, owner, source, before, first + 1)
        cursors = [cursor_of([one.id]) for one in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def rows(
        self,
        principal: Principal,
        id: str,
        statuses: Sequence[UploadRowStatus] | None,
        first: int,
        after: str | None,
    ) -> Page[UploadRow] | None:
        """What became of the rows of an upload, in their order; None where there is no upload that
        the principal may see."""
        check_page_size(first, self._max_page)
        behind = 0 if after is None else place_from(after, (int,))[0]
        upload = await self.find(principal, id)
        if upload is None:
            return None
        found = await read_rows(self._database, upload.id, statuses, behind, first + 1)
        cursors = [cursor_of([one.number]) for one in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def all_rows(
        self, upload: Upload, statuses: Sequence[UploadRowStatus] | None
    ) -> AsyncIterator[list[UploadRow]]:
        """All rows of an upload that the caller was given, some at a time."""
        after = 0
        while rows := await read_rows(self._database, upload.id, statuses, after, _ROWS_AT_ONCE):
            yield rows
            after = rows[-1].number

    async def forget(self, kept: timedelta) -> int:
        """Remove uploads that are older than that, and what was never finished; how many."""
        forgotten = await forget_unfinished(self._database)
        return forgotten + await forget_uploads(self._database, kept)

    async def _check(self, callback: Callback) -> None:
        try:
            await self._http.check(callback.url)
        except InvalidInput as error:
            problem = error.data["problem"]
            raise InvalidInput(field="callback-url", problem=problem) from None
        if not is_usable(SigningKind.STANDARD_WEBHOOKS, callback.secret):
            # Not repeated here: it is a secret.
            problem = f"must be whsec_ and at least {MIN_SECRET_BYTES} bytes in base64"
            raise InvalidInput(field="callback-secret", problem=problem)

    async def _keep(self, content: int, arriving: AsyncIterator[bytes]) -> tuple[bytes, int]:
        """Put the pieces down; their digest and size."""
        digest, size, number = hashlib.sha256(), 0, 0
        piece = bytearray()
        async for part in arriving:
            size += len(part)
            if size > self._max_bytes:
                raise LimitExceeded(
                    what="An upload in bytes",
                    limit=self._max_bytes,
                    actual=f"more than {self._max_bytes}",
                )
            digest.update(part)
            piece += part
            if len(piece) >= PIECE_BYTES:
                await put_piece(self._database, content, number, bytes(piece))
                number += 1
                piece.clear()
        if size == 0:
            raise InvalidInput(field="body", problem="is empty")
        if piece:
            await put_piece(self._database, content, number, bytes(piece))
        return digest.digest(), size


def _seen_by(principal: Principal) -> str | None:
    """Whose uploads a principal sees: None for everybody's."""
    return None if AccessScope.ADMIN in principal.scopes else principal.name
