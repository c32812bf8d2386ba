"""What came from a source, as it came: one request, one file, one message."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

MAX_FINDINGS: Final = 1_000
"""Findings that are kept of a delivery. They are counted beyond that; only the list stops."""
MAX_SHOWN_BYTES: Final = 65_536
"""Of each body in a list."""
_MAX_PROBLEM_LENGTH: Final = 500
_MAX_COLUMN_LENGTH: Final = 200


class SourceDeliveryState(StrEnum):
    """What became of a delivery as a whole."""

    ACCEPTED = "ACCEPTED"
    """What could be read of it is in the inbox, or is a snapshot; its report tells of the rest."""
    REFUSED = "REFUSED"
    """Nothing of it is in the inbox. It is kept, and can be replayed."""


class Received(NamedTuple):
    """What came, before anything of it is read."""

    source: str
    sender_id: str | None
    """The sender's own id, the same when he sends it again, if he gave one."""
    received_at: datetime
    headers: Mapping[str, str]
    """Those that say something of the content; names in lower case. Never a secret."""
    media_type: str
    body: bytes
    digest: bytes
    """SHA-256 of the body."""


class DeliveryFinding(NamedTuple):
    """Something that a person should know of a delivery; see `workers.formats.reading`."""

    severity: str
    code: str
    problem: str
    line: int | None = None
    column: str | None = None


def delivery_finding(
    severity: str, code: str, problem: str, line: int | None = None, column: str | None = None
) -> DeliveryFinding:
    """A finding that can be kept: what it quotes of what came may be long, or no text at all."""
    named = None if column is None else _kept(column, _MAX_COLUMN_LENGTH)
    return DeliveryFinding(severity, code, _kept(problem, _MAX_PROBLEM_LENGTH), line, named)


def _kept(text: str, length: int) -> str:
    return text[:length].encode(errors="replace").decode().replace("\0", "?")


class DeliveryReport(NamedTuple):
    """What became of the rows of a delivery."""

    accepted: int = 0
    """Events that are new to the inbox."""
    duplicates: int = 0
    """Events that were there before, and have no second effect."""
    refused: int = 0
    """Rows that were left out; a finding tells why."""
    findings: tuple[DeliveryFinding, ...] = ()
    snapshot: int | None = None
    """The snapshot that was taken in, where it told all there is."""

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {**self._asdict(), "findings": [one._asdict() for one in self.findings]}


class SourceDelivery(NamedTuple):
    """A delivery that is kept."""

    id: int
    received: Received
    """In a list, with the beginning of the body only."""
    size: int
    """Of the body, in bytes."""
    state: SourceDeliveryState
    report: DeliveryReport
