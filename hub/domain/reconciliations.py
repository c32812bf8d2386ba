"""What a comparison of two sides has found, item by item, and what becomes of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hub.domain.guard_rails import Tripped
from hub.domain.values import LocationId, Quantity, Sku, quantity_number

EVENT_PREFIX: Final = "reconciliation/"
"""Begins what the ledger names as the event behind a correction; the number of the run ends it."""


class ReconciliationKind(StrEnum):
    """Which two sides are compared."""

    SOURCE = "SOURCE"
    """What a source says it has, and what the hub has of it."""
    CHANNEL = "CHANNEL"
    """What the other side of a sales channel has, and what the hub has told it."""


class DriftCause(StrEnum):
    """Why an item differs, as far as that can be told. `hub.domain.drift_causes` decides."""

    UNKNOWN_SKU = "UNKNOWN_SKU"
    COUNT_IS_OLDER = "COUNT_IS_OLDER"
    ORDERS_SINCE = "ORDERS_SINCE"
    MOVED_SINCE = "MOVED_SINCE"
    DEAD_LETTER = "DEAD_LETTER"
    EVENTS_WAITING = "EVENTS_WAITING"
    ORDERS_UNDER_WAY = "ORDERS_UNDER_WAY"
    MISSING_IN_SOURCE = "MISSING_IN_SOURCE"
    MISSING_IN_HUB = "MISSING_IN_HUB"
    EVENT_MISSED = "EVENT_MISSED"
    SHRINKAGE = "SHRINKAGE"
    SURPLUS = "SURPLUS"
    NOT_PUSHED_YET = "NOT_PUSHED_YET"
    REFUSED_THERE = "REFUSED_THERE"
    UNKNOWN_THERE = "UNKNOWN_THERE"
    CAPPED_THERE = "CAPPED_THERE"
    CHANGED_THERE = "CHANGED_THERE"


BOOKED_BY_RULE: Final = frozenset(
    {
        DriftCause.MISSING_IN_SOURCE,
        DriftCause.MISSING_IN_HUB,
        DriftCause.EVENT_MISSED,
        DriftCause.SHRINKAGE,
        DriftCause.SURPLUS,
    }
)
"""What nothing but a correction mends: the policy books it, and who books all."""
BOOKED_BY_CHOICE: Final = BOOKED_BY_RULE | {
    DriftCause.DEAD_LETTER,
    DriftCause.EVENTS_WAITING,
    DriftCause.ORDERS_UNDER_WAY,
}
"""What most likely mends itself, or in another way, and would then be counted twice: only who
names the cause or the item books it. Of all others there is nothing to be booked."""


class DriftState(StrEnum):
    """What becomes of an item that differs."""

    TOLD = "TOLD"
    """It is only told: there is nothing to be booked."""
    OPEN = "OPEN"
    """It waits for a person."""
    ASKED = "ASKED"
    """Its correction is to be booked."""
    BOOKED = "BOOKED"
    OVERTAKEN = "OVERTAKEN"
    """What has come since says otherwise, so nothing was booked."""
    REFUSED = "REFUSED"
    """The ledger refuses the correction."""


class ReconciliationState(StrEnum):
    """How far a comparison has come."""

    MATCHING = "MATCHING"
    """Nothing differs, or only what explains itself."""
    OPEN = "OPEN"
    """Something waits for a person."""
    BOOKING = "BOOKING"
    """Corrections are being booked."""
    SETTLED = "SETTLED"
    """Each item is booked, overtaken or refused."""


class ReconciliationPolicy(StrEnum):
    """What becomes of what a comparison has found."""

    REPORT = "report"
    """It waits for a person."""
    CORRECT = "correct"
    """It is booked where it is within the limits; the rest waits."""


class DriftOfCause(NamedTuple):
    """All items of a comparison that differ by one cause."""

    cause: DriftCause
    items: int
    units: Quantity
    """By how much they differ, whichever way."""
    correction: Quantity
    """By how much the hub's stock would change if all of it was booked."""


class DriftItem(NamedTuple):
    """An item that differs."""

    number: int
    """From 1; what is furthest off comes first."""
    sku: Sku
    location: LocationId
    """Of a channel there is none: empty."""
    hub: Quantity
    """On hand when it was compared; of a channel, what they are to have."""
    source: Quantity | None
    """What the other side has; None where it does not tell of the item."""
    correction: Quantity
    """What would be booked: the difference at the time of the count."""
    cause: DriftCause
    evidence: dict[str, Any]
    """What the cause was told by."""
    version: int
    """Of the position when it was compared."""
    state: DriftState
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    note: str | None = None
    """Why it was overtaken or refused."""

    @property
    def difference(self) -> Quantity:
        """By how much the other side differs from the hub."""
        return (self.source or 0) - self.hub

    def as_dict(self) -> dict[str, Any]:
        """For machines; quantities in units."""
        return {
            "number": self.number,
            "sku": self.sku,
            "location": self.location,
            "hub": quantity_number(self.hub),
            "source": None if self.source is None else quantity_number(self.source),
            "difference": quantity_number(self.difference),
            "correction": quantity_number(self.correction),
            "cause": self.cause.value,
            "state": self.state.value,
            "evidence": self.evidence,
            "decidedAt": self.decided_at,
            "decidedBy": self.decided_by,
            "reason": self.reason,
            "note": self.note,
        }


class Reconciliation(NamedTuple):
    """What a comparison has found as a whole."""

    id: int
    kind: ReconciliationKind
    source: str
    """The source, or the target of the channel."""
    name: str
    """What it was held against: the file, or the pass."""
    policy: ReconciliationPolicy
    actor: str
    as_of: datetime | None
    compared_at: datetime
    compared: int
    """Items that were compared."""
    drifted: int
    units: Quantity
    """By how much they differ, whichever way."""
    kept: int
    """Of those that differ, how many are listed: the furthest off."""
    refused_rows: int
    """Rows of the other side that could not be understood, and were not compared."""
    causes: tuple[DriftOfCause, ...]
    report: tuple[Tripped, ...]
    """Why it is not to be believed: then nothing is booked unless a person says so."""
    open: int
    asked: int
    booked: int
    overtaken: int
    refused: int
    note: str | None
    """Why the policy, which is to correct, has left all to a person, if it has."""

    @property
    def state(self) -> ReconciliationState:
        """How far it has come."""
        if self.asked:
            return ReconciliationState.BOOKING
        if self.open:
            return ReconciliationState.OPEN
        decided = self.booked or self.overtaken or self.refused
        return ReconciliationState.SETTLED if decided else ReconciliationState.MATCHING

    def as_dict(self) -> dict[str, Any]:
        """For machines; quantities in units."""
        return {
            "id": str(self.id),
            "kind": self.kind.value,
            "source": self.source,
            "name": self.name,
            "state": self.state.value,
            "policy": self.policy.value,
            "actor": self.actor,
            "asOf": self.as_of,
            "comparedAt": self.compared_at,
            "compared": self.compared,
            "drifted": self.drifted,
            "units": quantity_number(self.units),
            "refusedRows": self.refused_rows,
            "open": self.open,
            "asked": self.asked,
            "booked": self.booked,
            "overtaken": self.overtaken,
            "refused": self.refused,
            "note": self.note,
            "causes": [
                {
                    "cause": one.cause.value,
                    "items": one.items,
                    "units": quantity_number(one.units),
                    "correction": quantity_number(one.correction),
                }
                for one in self.causes
            ],
            "report": [tripped._asdict() for tripped in self.report],
        }
