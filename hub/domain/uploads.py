"""Files that are uploaded for a source: taken in by a job, with a result for each row."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from hub.domain.snapshots import Snapshot


class UploadState(StrEnum):
    """How far an upload has come."""

    QUEUED = "QUEUED"
    """All of it is here, and waits for a process that takes it in."""
    RUNNING = "RUNNING"
    DONE = "DONE"
    """Each row was taken in or refused; of a snapshot, `snapshot` says what became of it."""
    FAILED = "FAILED"
    """It can not be read at all; what came before in it is in. Sent again, it is tried again."""


class UploadRowStatus(StrEnum):
    """What became of a row."""

    PENDING = "PENDING"
    """It is in the inbox, and not yet worked."""
    APPLIED = "APPLIED"
    SUPERSEDED = "SUPERSEDED"
    """It changed nothing, as what is newer was known."""
    DEAD = "DEAD"
    """It could not be worked, and is a dead letter."""
    DISCARDED = "DISCARDED"
    """Somebody has decided that its dead letter is never worked."""
    DUPLICATE = "DUPLICATE"
    """It was known before, and has no second effect."""
    REFUSED = "REFUSED"
    WARNING = "WARNING"
    """Something that a person should know of a row, which was read all the same."""


class CallbackState(StrEnum):
    """Whether who wants to be told that an upload is done has been."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    """It was tried as often as may be."""


class Callback(NamedTuple):
    """Whom to tell that an upload is done."""

    url: str
    secret: str
    """What the request is signed with, as Standard Webhooks has it."""


class NewUpload(NamedTuple):
    """An upload that has just come in."""

    source: str
    actor: str
    """The name of the principal whose it is."""
    name: str | None
    """Of the file."""
    media_type: str
    sender_id: str | None
    """The sender's own id of it, the same when he sends it again, if he gave one."""
    as_of: datetime | None
    """When that was so which tells of no time, if the sender says it of the whole."""
    configuration: Mapping[str, Any]
    """Of the source: how it is read, whatever becomes of the source meanwhile."""
    digest: bytes
    """SHA-256 of the content."""
    size: int
    """Of the content, unpacked, in bytes."""
    callback: Callback | None


class UploadCounts(NamedTuple):
    """What became of the rows of an upload, so far."""

    read: int = 0
    ignored: int = 0
    """Rows that are none of the hub's business."""
    accepted: int = 0
    """Events that were new to the inbox."""
    duplicates: int = 0
    """Events that were there before, and have no second effect."""
    refused: int = 0
    """Rows that were left out."""
    warnings: int = 0
    superseded: int = 0
    """Of those accepted, those that changed nothing; counted at the end."""
    dead_letters: int = 0
    """Of those accepted, those that could not be worked; counted at the end."""

    def plus(self, other: "UploadCounts") -> "UploadCounts":
        """Both together."""
        return UploadCounts(*(mine + more for mine, more in zip(self, other, strict=True)))


class Upload(NamedTuple):
    """A file that was uploaded, and what has become of it."""

    id: int
    source: str
    actor: str
    name: str | None
    media_type: str
    sender_id: str | None
    as_of: datetime | None
    configuration: Mapping[str, Any]
    digest: bytes
    size: int
    content: int | None
    """Its bytes, as long as they are kept."""
    state: UploadState
    counts: UploadCounts
    read_bytes: int
    rows: int | None
    """All that it has; None until it was read through once."""
    parts: int
    """So many parts of it are in the inbox."""
    snapshot: Snapshot | None
    """What is known now of the snapshot that it was, if it was one."""
    replies: tuple[str, ...]
    """What its sender expects in his own format, such as an X12 997."""
    error_code: str | None
    error: str | None
    """Why it failed."""
    callback_state: CallbackState | None
    callback_tries: int
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def progress(self) -> float:
        """Which share of it is done: of its bytes, as its rows are not known beforehand."""
        if self.state is UploadState.DONE:
            return 1.0
        return min(self.read_bytes / self.size, 0.99) if self.size else 0.0

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        counts = self.counts
        return {
            "id": str(self.id),
            "source": self.source,
            "name": self.name,
            "state": self.state.value,
            "progress": round(self.progress, 3),
            "size": self.size,
            "rows": self.rows,
            "read": counts.read,
            "accepted": counts.accepted,
            "duplicates": counts.duplicates,
            "superseded": counts.superseded,
            "deadLetters": counts.dead_letters,
            "ignored": counts.ignored,
            "refused": counts.refused,
            "warnings": counts.warnings,
            "snapshot": None if self.snapshot is None else self.snapshot.as_dict(),
            "replies": list(self.replies),
            "error": self.error and {"code": self.error_code, "message": self.error},
            "callback": self.callback_state and self.callback_state.value,
            "receivedAt": self.received_at,
            "startedAt": self.started_at,
            "finishedAt": self.finished_at,
        }


class UploadRow(NamedTuple):
    """What became of a row."""

    number: int
    """Its place in the list."""
    line: int | None
    """Counted from 1: of text its line, of a list its entry, of EDI its segment."""
    column: str | None
    status: UploadRowStatus
    code: str | None
    reason: str | None
    event_id: str | None
    """Its id in the inbox of the source, if it went there."""

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "line": self.line,
            "column": self.column,
            "status": self.status.value,
            "code": self.code,
            "reason": self.reason,
            "eventId": self.event_id,
        }
