"""Why an item differs between two sides, and whether a correction of it may still be booked.

Pure: the evidence is read elsewhere. What adds up exactly comes before what is only likely.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from hub.domain.reconciliations import (
    BOOKED_BY_CHOICE,
    DriftCause,
    DriftItem,
    DriftOfCause,
    DriftState,
)
from hub.domain.values import UNIT, LocationId, Quantity, Sku, quantity_number, quantity_text

CAPPED_ITEMS: Final = 3
"""From so many items on that end at the same quantity, that is a limit of the other side."""


class SourceEvidence(NamedTuple):
    """What is known of an item at a location where a source tells another count than the hub."""

    sku: Sku
    location: LocationId
    source: Quantity | None
    """None where the source leaves it out."""
    as_of: datetime
    """The time of its count."""
    known: bool
    """Whether the hub has such an item."""
    held: bool
    """Whether the hub has a position of it there."""
    on_hand: Quantity
    version: int
    counted_at: datetime | None
    """Time of the newest count that the hub has taken."""
    allocated: Quantity
    reserved: Quantity
    moved_since: Quantity
    """What movements have changed on hand since the time of the count; those which a newer count
    is built on are not among them, nor are corrections by a comparison."""
    orders_since: Quantity
    """The part of that which orders did: shipped, and returned."""
    told_by_differences: int
    """Movements since the hub's newest count that the source's events have booked: one that never
    came is missing from then on."""
    discarded: int
    """Events of the item that somebody has discarded."""
    waiting: int
    """Events of the item in the inbox that are not worked yet."""
    dead: int
    """Events of the item that are dead letters."""
    open_lines: tuple[Quantity, ...]
    """Units of single orders that are allocated there."""

    @property
    def correction(self) -> Quantity:
        """What would have to be booked: what has moved since the count stays as it is."""
        return (self.source or 0) - (self.on_hand - self.moved_since)


def cause_of(evidence: SourceEvidence) -> DriftCause:
    """The most likely cause of a difference."""
    e, correction = evidence, evidence.correction
    if not e.known:
        return DriftCause.UNKNOWN_SKU
    if e.source is not None and e.counted_at is not None and e.as_of < e.counted_at:
        return DriftCause.COUNT_IS_OLDER
    if correction == 0:
        by_orders = e.orders_since == e.moved_since
        return DriftCause.ORDERS_SINCE if by_orders else DriftCause.MOVED_SINCE
    if e.dead:
        return DriftCause.DEAD_LETTER
    if e.waiting:
        return DriftCause.EVENTS_WAITING
    if e.source is None:
        return DriftCause.MISSING_IN_SOURCE
    if _is_taken_off(e):
        return DriftCause.ORDERS_UNDER_WAY
    if not e.held:
        return DriftCause.MISSING_IN_HUB
    if e.told_by_differences or e.discarded:
        return DriftCause.EVENT_MISSED
    return DriftCause.SHRINKAGE if correction < 0 else DriftCause.SURPLUS


def _is_taken_off(e: SourceEvidence) -> bool:
    """Whether the source has just taken off what orders or holds here still wait for."""
    claims = (e.allocated, e.reserved, e.allocated + e.reserved, *e.open_lines)
    return e.correction < 0 and -e.correction in claims


def item_of(number: int, evidence: SourceEvidence) -> DriftItem:
    """The item as a report has it, before anybody has decided on it."""
    cause = cause_of(evidence)
    booked = evidence.correction != 0 and cause in BOOKED_BY_CHOICE
    return DriftItem(
        number=number,
        sku=evidence.sku,
        location=evidence.location,
        hub=evidence.on_hand,
        source=evidence.source,
        correction=evidence.correction if booked else 0,
        cause=cause,
        evidence=_told(evidence),
        version=evidence.version,
        state=DriftState.OPEN if booked else DriftState.TOLD,
    )


_UNITS: Final = ("allocated", "reserved", "moved_since", "orders_since")
_NUMBERS: Final = ("told_by_differences", "discarded", "waiting", "dead")
_NAMES: Final = {
    "moved_since": "movedSince",
    "orders_since": "ordersSince",
    "told_by_differences": "toldByDifferences",
}


def _told(evidence: SourceEvidence) -> dict[str, Any]:
    """The evidence as JSON, without what there is none of."""
    told: dict[str, Any] = {"asOf": evidence.as_of.isoformat()}
    if evidence.counted_at is not None:
        told["countedAt"] = evidence.counted_at.isoformat()
    for name in (*_UNITS, *_NUMBERS):
        value = getattr(evidence, name)
        if value:
            told[_NAMES.get(name, name)] = quantity_number(value) if name in _UNITS else value
    return told


class ChannelEvidence(NamedTuple):
    """What is known of an item of which the other side of a channel has another quantity."""

    sku: Sku
    external_id: str
    wanted: int | None
    """Whole units that they are to have; None where the hub was not asked yet."""
    theirs: int | None
    """Whole units that they have; None where they do not list the item."""
    pending: bool
    """Whether something is to be pushed."""
    problem: str | None
    """Their own code of why they refuse it."""
    missing: bool
    """Whether they do not know the item."""
    alike: int
    """Items that are less there than they are to be, and all the same number."""


def channel_cause_of(evidence: ChannelEvidence) -> DriftCause:
    """The most likely cause of a difference with a sales channel."""
    if evidence.missing:
        return DriftCause.UNKNOWN_THERE
    if evidence.problem is not None:
        return DriftCause.REFUSED_THERE
    if evidence.pending:
        return DriftCause.NOT_PUSHED_YET
    less = evidence.theirs is not None and evidence.theirs < (evidence.wanted or 0)
    if less and evidence.theirs and evidence.alike >= CAPPED_ITEMS:
        return DriftCause.CAPPED_THERE
    return DriftCause.CHANGED_THERE


def channel_item_of(number: int, evidence: ChannelEvidence) -> DriftItem:
    """The item as a report has it. Theirs is never taken over, so there is nothing to book."""
    told: dict[str, Any] = {"externalId": evidence.external_id}
    if evidence.problem is not None:
        told["problem"] = evidence.problem
    return DriftItem(
        number=number,
        sku=evidence.sku,
        location="",
        hub=(evidence.wanted or 0) * UNIT,
        source=None if evidence.theirs is None else evidence.theirs * UNIT,
        correction=0,
        cause=channel_cause_of(evidence),
        evidence=told,
        version=0,
        state=DriftState.TOLD,
    )


class DriftTotals:
    """Sums of items by cause."""

    def __init__(self) -> None:
        self._sums: dict[DriftCause, list[int]] = {}

    def add(self, items: Iterable[DriftItem]) -> None:
        """Add items."""
        for item in items:
            sums = self._sums.setdefault(item.cause, [0, 0, 0])
            sums[0] += 1
            sums[1] += abs(item.difference)
            sums[2] += item.correction

    @property
    def causes(self) -> tuple[DriftOfCause, ...]:
        """By cause, in the order of the enumeration."""
        return tuple(
            DriftOfCause(cause, *self._sums[cause]) for cause in DriftCause if cause in self._sums
        )


class Since(NamedTuple):
    """What has become of a position since it was compared, read before a correction is booked."""

    version: int
    """The position's, now."""
    moved: Quantity
    """What movements have changed on hand since."""
    set_by: str | None
    """What has set it since, if anything: a count, or another correction."""
    own: bool
    """Whether this very correction is booked already."""


def still_to_book(correction: Quantity, since: Since) -> tuple[DriftState, str | None]:
    """Whether a correction is still to be booked (ASKED), and why not otherwise."""
    if since.own:
        return DriftState.BOOKED, None
    if since.set_by is not None:
        return DriftState.OVERTAKEN, f"{since.set_by} has set the position since"
    if since.moved == correction:
        note = f"{quantity_text(since.moved)} units have moved since: most likely what was missing"
        return DriftState.OVERTAKEN, note
    return DriftState.ASKED, None
