"""Whole snapshots: what a source says it has of everything, and what becomes of that."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hub.domain.guard_rails import GuardRails, Tripped
from hub.domain.source_reconciliation import Reconciling
from hub.domain.values import LocationId, Quantity, Sku

LEFT_OUT: Final = "left out by the snapshot"
"""The reason of a count of 0 that a snapshot has made by leaving an item out."""


class SnapshotState(StrEnum):
    """How far a snapshot has come."""

    STAGING = "STAGING"
    """Its rows are being put into the database, and nothing of it is applied."""
    QUARANTINED = "QUARANTINED"
    """It looks wrong: nothing of it is applied until a person approves it."""
    APPLYING = "APPLYING"
    """It is being applied, or will be by the next process that finds it."""
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"
    """A person said no."""
    EXPIRED = "EXPIRED"
    """Nobody decided in time; sent again, it is judged again."""
    LOST = "LOST"
    """The database crashed and lost what was left to apply; sent again, it goes on."""
    COMPARED = "COMPARED"
    """It was held against the hub as a reconciliation, and nothing of it is applied."""


class Missing(StrEnum):
    """What becomes of items of the source that its snapshot leaves out."""

    KEEP = "keep"
    ZERO = "zero"


class Whole(NamedTuple):
    """A snapshot as its source sends it, but for its rows."""

    source: str
    name: str
    """The source's own name of it, the same when it is sent again."""
    missing: Missing = Missing.KEEP
    locations: tuple[LocationId, ...] = ()
    """Where items that it leaves out are missing; without any, wherever it counts something."""
    rails: GuardRails = GuardRails()
    reconciling: Reconciling = Reconciling()
    """How it is compared with the hub before anything of it is applied, if it is time for that."""
    is_news: bool = True
    """Whether it says how its source does: what came before, and is read again, does not."""


class CountedRow(NamedTuple):
    """A row: how many units there are of an item at a location."""

    line: int
    """Counted from 1; each row has another, in the order of the snapshot."""
    sku: Sku
    location: LocationId
    on_hand: Quantity
    unavailable: Quantity | None
    """None where the source does not tell."""
    as_of: datetime


class RefusedRow(NamedTuple):
    """A row that changes nothing, and why."""

    line: int
    column: str | None
    sku: Sku | None
    """None where it could not even be read of which item it is."""
    location: LocationId | None
    code: str
    problem: str


class SnapshotChange(NamedTuple):
    """What a row of a snapshot would do to the units on hand."""

    line: int
    """Behind those of its rows where the snapshot leaves the item out."""
    sku: Sku
    location: LocationId
    before: Quantity | None
    """None where nothing is known of the item there."""
    after: Quantity
    item_exists: bool
    """Without its item the row is refused."""


class Snapshot(NamedTuple):
    """What is known of a snapshot that has come in."""

    id: int
    source: str
    name: str
    state: SnapshotState
    missing: Missing
    rows: int
    """All that it has, also those that were refused."""
    left_out: int
    """Items that it sets to 0 by leaving them out."""
    applied: int
    refused: int
    """Rows that change nothing because something is wrong with them."""
    unchanged: int
    """Rows that say what was known, or are older than what is known."""
    as_of: datetime | None
    """Time of its newest count."""
    report: tuple[Tripped, ...]
    """The guard rails that it tripped."""
    received_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    finished_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "id": str(self.id),
            "source": self.source,
            "name": self.name,
            "state": self.state.value,
            "rows": self.rows,
            "applied": self.applied,
            "unchanged": self.unchanged,
            "leftOut": self.left_out,
            "refused": self.refused,
            "asOf": self.as_of,
            "receivedAt": self.received_at,
            "decidedBy": self.decided_by,
            "reason": self.reason,
            "finishedAt": self.finished_at,
            "report": [tripped._asdict() for tripped in self.report],
        }
