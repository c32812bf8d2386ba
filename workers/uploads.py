"""Takes in what was uploaded for sources, part by part, and tells who waits for the end of it.

Each part is noted in the transaction of its events: a process that dies leaves what it has taken
in, and the next one goes on behind it.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, Final

import structlog

from hub.bootstrap import Services
from hub.domain.errors import HubError, InvalidInput, SnapshotInProgress, Unavailable
from hub.domain.principal import trusted
from hub.domain.source_deliveries import delivery_finding
from hub.domain.sources import Source, source_from
from hub.domain.uploads import Upload, UploadCounts, UploadRowStatus
from hub.live.ending import end
from hub.services.upload_jobs import CALLBACK_JOB, UPLOAD_JOB, UploadOvertaken
from hub.store.inbox_replay import InboxRange, any_waiting, read_time
from hub.store.transactions import Transaction
from hub.store.upload_rows import NewRow
from workers.background import Handler
from workers.formats.reading import Finding, Format, Severity
from workers.formats.registry import FORMATS
from workers.sources.drafts import Arrival
from workers.sources.pipeline import Stored, Stretch, read_stretches, store
from workers.sources.report import KEPT_FINDINGS, SNAPSHOT_AS_COUNTS, ImportReport
from workers.sources.sent import KEY_CHARACTERS, Sent, beginning_of
from workers.sources.snapshots import LEFT_OUT_KEPT, Survey, survey, whole_of, without_counts
from workers.sources.wholes import take_whole

RETRY_SECONDS: Final = 1.0
PROGRESS_SECONDS: Final = 1.0
"""Between two notes of how much is read."""
LOOK_SECONDS: Final = 0.2
"""Between two looks at whether the inbox is worked off."""

_ACCEPTED: Final = "ACCEPTED"
"""A row of which the inbox says what becomes."""
_PUT_OFF: Final = (Unavailable, SnapshotInProgress, UploadOvertaken)

log = structlog.get_logger()


class Uploads:
    """The handlers of the jobs of uploads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._jobs = services.upload_jobs

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the kind of job."""
        return {UPLOAD_JOB: self.take_in, CALLBACK_JOB: self.call_back}

    async def take_in(self, payload: bytes) -> None:
        """Take an upload in, however long the database is away or another process is at it."""
        while True:
            if await self._try(int(payload)):
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def call_back(self, payload: bytes) -> None:
        """Tell that an upload is done."""
        id, tries = payload.split()
        await self._jobs.call_back(int(id), int(tries))

    async def _try(self, id: int) -> bool:
        """Take an upload in; False where that has to be tried once more."""
        try:
            upload = await self._jobs.begin(id)
            if upload is None:
                return True
            try:
                with TemporaryFile() as file:
                    await self._fetch(upload, file)
                    await _TakenIn(self._services, upload, file).run()
            except _PUT_OFF:
                raise
            except HubError as error:
                await self._jobs.fail(upload, error)
            except Exception:
                log.exception("uploads.failed", upload=id)
                await self._jobs.fail(upload, None)
        except _PUT_OFF as reason:
            log.warning("uploads.put_off", upload=id, reason=type(reason).__name__)
            return False
        return True

    async def _fetch(self, upload: Upload, file: BinaryIO) -> None:
        """Have the bytes here. Raises `UploadOvertaken` where they went while they were read, for
        what is left of a file must not be taken for all of it."""
        size = 0
        async for piece in self._jobs.content(upload):
            size += file.write(piece)
        if size != upload.size:
            raise UploadOvertaken


class _TakenIn:
    """One upload on its way in."""

    def __init__(self, services: Services, upload: Upload, file: BinaryIO) -> None:
        self._services = services
        self._jobs = services.upload_jobs
        self._upload = upload
        self._principal = trusted(upload.actor)
        self._source, self._format = _source_and_format(upload)
        self._sent = Sent(
            upload.name,
            upload.size,
            Arrival(_key_of(upload), upload.received_at, upload.as_of),
            beginning_of(file),
            {"content-type": upload.media_type},
        )
        self._counts = upload.counts
        self._read_bytes = upload.read_bytes
        self._rows = upload.rows

    async def run(self) -> None:
        """Take in what is not in yet, wait until it is worked, and note the end."""
        async with self._telling():
            found = await survey(self._source, self._format, self._sent, KEPT_FINDINGS)
            self._rows = found.counts + found.others + found.errors
            format = self._format
            if found.is_whole:
                if self._upload.snapshot is None:
                    await self._take_whole(found)
                format = without_counts(format)
            if found.others or not found.is_whole:
                await self._take_parts(format)
            await self._worked_off()
        replies = [reply.content.decode(errors="replace") for reply in found.replies]
        await self._jobs.finish(self._upload, self._counts, replies)

    async def _take_whole(self, found: Survey) -> None:
        source, sent = self._source, self._sent
        whole = whole_of(source, sent.name or "upload", sent.arrival.key)
        taken = await take_whole(
            self._services, self._principal, source, self._format, sent, whole, self._tell
        )
        report = ImportReport(sent.name or "", source.name)
        report.take_snapshot(taken.snapshot, taken.refused, found, taken.kept)
        counts = report.counts
        self._counts = UploadCounts(
            read=counts["read"],
            ignored=counts["ignored"],
            refused=counts["refused"],
            warnings=counts["warnings"],
        )
        warnings = [*found.warnings, *([LEFT_OUT_KEPT] if taken.kept else [])]
        rows = [_row_of(warning) for warning in warnings]
        await self._jobs.note_snapshot(self._upload, taken.snapshot.id, self._counts, rows)
        self._upload = self._upload._replace(snapshot=taken.snapshot)

    async def _take_parts(self, format: Format) -> None:
        """Put what is not in yet into the inbox. The same is read each time, so what is a part is
        the same, too."""
        part, told = 0, False
        with self._sent.reading() as content:
            async for stretch in read_stretches(
                self._services,
                self._principal,
                self._source,
                format,
                content,
                self._sent.envelope,
                self._sent.arrival,
            ):
                if stretch.snapshots and not told:
                    told = True
                    stretch.findings.append(SNAPSHOT_AS_COUNTS)
                if part >= self._upload.parts:
                    await self._take_part(part, stretch)
                part += 1
                self._tell(self._sent.read_of(content), self._sent.size)

    async def _take_part(self, part: int, stretch: Stretch) -> None:
        counts = self._counts

        async def note(client: Transaction, stored: Stored) -> None:
            self._counts = counts.plus(_counts_of(stretch, stored))
            rows = _rows_of(stretch, stored)
            await self._jobs.note_part(client, self._upload, part, self._counts, rows)

        await store(self._services, self._principal, self._source, stretch.drafts, note)

    async def _worked_off(self) -> None:
        """Wait until nothing of it waits in the inbox, whoever works that."""
        if not self._counts.accepted:
            return
        database = self._services.database
        until = await read_time(database)
        of = InboxRange(self._source.name, self._upload.started_at, until)
        while True:
            if not await any_waiting(database, of):
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _tell(self, done: int, total: int) -> None:
        """Remember how much is done: bytes that are read, or lines that are applied behind that."""
        if total == self._sent.size:
            self._read_bytes = max(self._read_bytes, done)

    @asynccontextmanager
    async def _telling(self) -> AsyncIterator[None]:
        """Note how much is read now and then."""

        async def tell() -> None:
            while True:
                await asyncio.sleep(PROGRESS_SECONDS)
                with contextlib.suppress(Unavailable):
                    await self._jobs.progress(self._upload, self._read_bytes, self._rows)

        telling = asyncio.create_task(tell(), name="progress of an upload")
        try:
            yield
            await self._jobs.progress(self._upload, self._sent.size, self._rows)
        finally:
            await end([telling])


def _source_and_format(upload: Upload) -> tuple[Source, Format]:
    """How an upload is read: as its source was configured when it came."""
    source = source_from(upload.configuration)
    format = FORMATS.get(source.format)
    if format is None:
        problem = f"{source.format} is no format that this process has"
        raise InvalidInput(field="format", problem=problem)
    return source, format


def _key_of(upload: Upload) -> str:
    """Names what was sent: the same when it is sent again under the same id and date."""
    date = "" if upload.as_of is None else upload.as_of.isoformat()
    whole = f"{upload.sender_id or ''}\n{date}\n".encode() + upload.digest
    return hashlib.sha256(whole).hexdigest()[:KEY_CHARACTERS]


def _counts_of(stretch: Stretch, stored: Stored) -> UploadCounts:
    errors = sum(one.severity is Severity.ERROR for one in stretch.findings)
    return UploadCounts(
        read=len(stretch.drafts) + stretch.ignored + errors,
        ignored=stretch.ignored,
        accepted=len(stored.fresh),
        duplicates=len(stored.known),
        refused=errors + len(stored.refused),
        warnings=len(stretch.findings) - errors,
    )


def _rows_of(stretch: Stretch, stored: Stored) -> list[NewRow]:
    """What became of the rows of a part, in their order."""
    fresh = (
        NewRow(draft.change.place.line, None, _ACCEPTED, event_id=draft.event["id"], inbox=id)
        for draft, id in stored.fresh
    )
    known = (
        NewRow(draft.change.place.line, None, UploadRowStatus.DUPLICATE, event_id=draft.event["id"])
        for draft in stored.known
    )
    findings = map(_row_of, (*stretch.findings, *stored.refused))
    rows: Iterable[NewRow] = (*fresh, *known, *findings)
    return sorted(rows, key=lambda row: row.line or 0)


def _row_of(finding: Finding) -> NewRow:
    # Fit for the database, whatever it quotes of what was sent.
    _, code, problem, line, column = delivery_finding(
        finding.severity.value, finding.code, finding.problem, *finding.place
    )
    is_error = finding.severity is Severity.ERROR
    status = UploadRowStatus.REFUSED if is_error else UploadRowStatus.WARNING
    return NewRow(line, column, status, code, problem)
