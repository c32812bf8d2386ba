"""The enums of comparisons, told to GraphQL with a description each: import them from here."""

from hub.domain.reconciliations import (
    DriftCause,
    DriftState,
    ReconciliationKind,
    ReconciliationPolicy,
    ReconciliationState,
)
from hub.domain.source_reconciliation import DueState
from schema.enums import declare

__all__ = [
    "DriftCause",
    "DriftState",
    "DueState",
    "ReconciliationKind",
    "ReconciliationPolicy",
    "ReconciliationState",
]

declare(
    ReconciliationKind,
    "Which two sides are compared.",
    {
        "SOURCE": "What a source says it has, and what the hub has of it.",
        "CHANNEL": "What the other side of a sales channel has, and what it is to have.",
    },
)
declare(
    ReconciliationPolicy,
    "What becomes of what a comparison has found.",
    {
        "REPORT": "It waits for a person.",
        "CORRECT": "It is booked where it is within the limits of the source; the rest waits.",
    },
)
declare(
    ReconciliationState,
    "How far a comparison has come.",
    {
        "MATCHING": "Nothing differs, or only what explains itself.",
        "OPEN": "Something waits for a person.",
        "BOOKING": "Corrections are being booked.",
        "SETTLED": "Each correction is booked, overtaken or refused.",
    },
)
declare(
    DriftState,
    "What becomes of an item that differs.",
    {
        "TOLD": "It is only told: there is nothing to be booked.",
        "OPEN": "Its correction waits for a person.",
        "ASKED": "Its correction is to be booked.",
        "BOOKED": "Its correction is booked.",
        "OVERTAKEN": "What has come since says otherwise, so nothing was booked.",
        "REFUSED": "The ledger refuses the correction; `note` says why.",
    },
)
declare(
    DueState,
    "Whether a source was compared as often as it is to be.",
    {
        "ON_TIME": "It was.",
        "DUE": "Its next whole snapshot is compared.",
        "OVERDUE": "Nothing came that could be compared, for half as long again as it should.",
    },
)
declare(
    DriftCause,
    "Why an item differs, as far as that can be told: the first that fits, in this order.",
    {
        "UNKNOWN_SKU": "The source tells of an item that the hub does not have.",
        "COUNT_IS_OLDER": "The hub has taken a newer count than this one.",
        "ORDERS_SINCE": "Just what orders have shipped or returned since the count.",
        "MOVED_SINCE": "Just what has moved since the count.",
        "DEAD_LETTER": "Events of the item are dead letters: put them back, or discard them.",
        "EVENTS_WAITING": "Events of the item wait in the inbox.",
        "ORDERS_UNDER_WAY": "The source has taken off just what orders or holds here wait for.",
        "MISSING_IN_SOURCE": "The source leaves out what it has told of before.",
        "MISSING_IN_HUB": "The hub has never heard of the item at this location.",
        "EVENT_MISSED": "The source tells of the item by differences, or an event was discarded: "
        "most likely one never came.",
        "SHRINKAGE": "The source has less, and nothing explains it.",
        "SURPLUS": "The source has more, and nothing explains it.",
        "NOT_PUSHED_YET": "A quantity is still to be pushed to the sales channel.",
        "REFUSED_THERE": "The sales channel refuses the quantity.",
        "UNKNOWN_THERE": "The sales channel does not know the item.",
        "CAPPED_THERE": "Several items end at the same quantity there: a limit of the channel.",
        "CHANGED_THERE": "Somebody has changed it there, or sold there what the hub has not heard "
        "of.",
    },
)
