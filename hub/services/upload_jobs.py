"""Uploads on their way in: what the job that reads one notes of it, and telling who waits."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import orjson
import structlog

from hub.domain.errors import HubError
from hub.domain.uploads import CallbackState, Upload, UploadCounts, UploadState
from hub.domain.webhook_signature import signed_headers
from hub.domain.webhooks import next_try
from hub.services.clock import DatabaseClock
from hub.services.outbound_http import OutboundHttp
from hub.services.source_health import SourceHealth
from hub.store.database import Database
from hub.store.job_queue import AT_ONCE, enqueue
from hub.store.transactions import Transaction, run_tx
from hub.store.upload_content import read_pieces
from hub.store.upload_rows import NewRow, add_rows, tally_rows
from hub.store.uploads import (
    begin_upload,
    finish_upload,
    note_call,
    note_part,
    note_snapshot,
    read_callback,
    read_upload,
    save_progress,
)

UPLOAD_JOB: Final = "upload"
"""Takes an upload in; its payload is the id."""
CALLBACK_JOB: Final = "upload.callback"
"""Tells that an upload is done; its payload is the id, a blank, and how often it was tried."""
CALLBACK_TYPE: Final = "upload.finished"
_HEADERS: Final = {
    "content-type": "application/json",
    "user-agent": "availability-hub",
    "accept": "*/*",
}

log = structlog.get_logger()


class UploadOvertaken(Exception):
    """Another process has gone on with an upload."""


class UploadJobs:
    """What is noted of uploads while they are taken in. Each note is durable with what it tells of,
    so that the next process can go on from there."""

    def __init__(
        self, database: Database, http: OutboundHttp, clock: DatabaseClock, health: SourceHealth
    ) -> None:
        self._database = database
        self._health = health
        self._http = http
        self._clock = clock

    async def begin(self, id: int) -> Upload | None:
        """The upload that this process takes in from now on, as far as it has come; None where that
        is done, or it is gone."""
        return await begin_upload(self._database, id)

    def content(self, upload: Upload) -> AsyncIterator[bytes]:
        """The bytes, piece by piece."""
        assert upload.content is not None, "they go when it ends"
        return read_pieces(self._database, upload.content)

    async def progress(self, upload: Upload, read_bytes: int, rows: int | None) -> None:
        """Note how much is read."""
        await save_progress(self._database, upload, read_bytes, rows)

    async def note_part(
        self,
        client: Transaction,
        upload: Upload,
        part: int,
        counts: UploadCounts,
        rows: Sequence[NewRow],
    ) -> None:
        """Note what became of a part, in the transaction of its events. Raises
        `UploadOvertaken`."""
        if not await note_part(client, upload, part, counts):
            raise UploadOvertaken
        await add_rows(client, upload.id, rows)

    async def note_snapshot(
        self, upload: Upload, snapshot: int, counts: UploadCounts, rows: Sequence[NewRow]
    ) -> None:
        """Note the snapshot that the upload is, and rows beside those that it has itself. Raises
        `UploadOvertaken`."""

        async def work(client: Transaction) -> None:
            if not await note_snapshot(client, upload, snapshot, counts):
                raise UploadOvertaken
            await add_rows(client, upload.id, rows)

        await run_tx(self._database, work)

    async def finish(self, upload: Upload, counts: UploadCounts, replies: Sequence[str]) -> None:
        """Note that all of it is in, and what became of its events."""
        states = await tally_rows(self._database, upload.id)
        counts = counts._replace(
            superseded=states.get("SUPERSEDED", 0), dead_letters=states.get("DEAD", 0)
        )
        if not await self._end(upload, UploadState.DONE, counts, replies, (None, None)):
            return
        taken = counts.accepted + counts.duplicates
        # Of a snapshot those note it who take it in.
        if upload.snapshot is None and counts.refused and not taken:
            problem = f"all {counts.refused} rows of an upload were refused"
            await self._health.failed(upload.source, problem)
        elif upload.snapshot is None or taken:
            await self._health.heard(upload.source)

    async def fail(self, upload: Upload, why: HubError | None) -> None:
        """Note that it can not be taken in, for a reason or for one that nobody foresaw."""
        known = await read_upload(self._database, upload.id)
        counts = upload.counts if known is None else known.counts
        code, message = "INTERNAL", "Something went wrong inside the hub; it is logged there."
        if why is not None:
            code, message = why.code, why.message
        ended = await self._end(upload, UploadState.FAILED, counts, (), (code, message))
        if ended and why is not None:
            await self._health.failed(upload.source, message)

    async def call_back(self, id: int, tries: int) -> CallbackState | None:
        """Tell that an upload is done; what came of it, None where that was done before. What fails
        is tried again as webhooks are."""
        callback = await read_callback(self._database, id, tries)
        upload = await read_upload(self._database, id)
        if callback is None or upload is None or upload.finished_at is None:
            # Taken in once more, it has another end, which is told by another job.
            return None
        ended, now = upload.finished_at, self._clock.now()
        body = orjson.dumps({"type": CALLBACK_TYPE, "timestamp": ended, "data": upload.as_dict()})
        # Another one where the same is taken in once more.
        event_id = f"upload_{id}_{int(ended.timestamp())}"
        headers = signed_headers([callback.secret], event_id, now, body)
        answer = await self._http.post(callback.url, _HEADERS | headers, body)
        state, again = CallbackState.PENDING, None
        if answer.status is not None and 200 <= answer.status < 300:
            state = CallbackState.DELIVERED
        else:
            now = self._clock.now()
            again = next_try(tries + 1, now, answer.retry_after, random.random)
            gone = answer.status == HTTPStatus.GONE
            state = CallbackState.FAILED if again is None or gone else CallbackState.PENDING
            log.warning(
                "uploads.callback_failed", upload=id, status=answer.status, error=answer.error
            )

        async def note(client: Transaction) -> None:
            noted = await note_call(client, id, ended, tries, state)
            if noted and state is CallbackState.PENDING and again is not None:
                await _enqueue_callback(client, id, tries + 1, again - now)

        await run_tx(self._database, note)
        return state

    async def _end(
        self,
        upload: Upload,
        state: UploadState,
        counts: UploadCounts,
        replies: Sequence[str],
        error: tuple[str | None, str | None],
    ) -> bool:
        """Note the end; whether it was not noted before."""

        async def work(client: Transaction) -> bool:
            is_waited_for = await finish_upload(client, upload, state, counts, replies, error)
            if is_waited_for:
                await _enqueue_callback(client, upload.id, 0)
            return is_waited_for is not None

        ended = await run_tx(self._database, work)
        if ended:
            log.info("uploads.ended", upload=upload.id, source=upload.source, state=state.value)
        return ended


async def _enqueue_callback(
    client: Transaction, id: int, tries: int, after: timedelta = AT_ONCE
) -> None:
    await enqueue(client, CALLBACK_JOB, f"{id} {tries}".encode(), after=after)
