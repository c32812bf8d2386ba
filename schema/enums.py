"""The enums of the API: those of the hub itself, told to GraphQL with a description each.

Types import them from here: an enum that GraphQL has not been told of yet would be declared a
second time, without descriptions.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from hub.domain.alerts import AlertKind, AlertState
from hub.domain.alternatives import AlternativeReason
from hub.domain.commands import Condition
from hub.domain.dead_letters import LetterState, LetterStep
from hub.domain.movements import MovementKind
from hub.domain.notices import NoticeState
from hub.domain.promise import PromiseKind
from hub.domain.reservations import EndReason, HoldStage, ReservationState
from hub.domain.snapshots import SnapshotState
from hub.domain.source_deliveries import SourceDeliveryState
from hub.domain.source_freshness import SourceState
from hub.domain.status import AvailabilityStatus
from hub.domain.webhooks import DeliveryState, DisabledReason, WebhookState
from hub.services.listing import ItemOrder
from hub.services.watch import EventKind

__all__ = [
    "AlertKind",
    "AlertState",
    "AlternativeReason",
    "AvailabilityStatus",
    "Condition",
    "Consistency",
    "CountPrecision",
    "DeliveryState",
    "DisabledReason",
    "EndReason",
    "EventKind",
    "GoogleAvailability",
    "HoldStage",
    "ItemOrder",
    "LetterState",
    "LetterStep",
    "MovementKind",
    "NoticeState",
    "PromiseKind",
    "ReservationState",
    "SnapshotState",
    "SortDirection",
    "SourceDeliveryState",
    "SourceState",
    "WebhookState",
]


def declare(
    enum: type[Enum], description: str, values: Mapping[str, str], name: str | None = None
) -> None:
    """Make an enum of the hub one of the API; a value without a description is a `KeyError`."""
    strawberry.enum(enum, name=name, description=description)
    # Strawberry takes descriptions of values only where the enum itself is written for it.
    definition = cast("StrawberryEnumDefinition", vars(enum)["__strawberry_definition__"])
    for value in definition.values:
        value.description = values[value.name]


class GoogleAvailability(StrEnum):
    """Written as Google Merchant Center writes it, since feeds are compared letter by letter."""

    in_stock = "in_stock"
    out_of_stock = "out_of_stock"
    preorder = "preorder"
    backorder = "backorder"


class Consistency(StrEnum):
    """How fresh an answer must be."""

    CACHED = "CACHED"
    STRONG = "STRONG"


class CountPrecision(StrEnum):
    """Whether a number of entries is the whole number."""

    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"


class SortDirection(StrEnum):
    """Which end comes first."""

    ASC = "ASC"
    DESC = "DESC"


declare(
    AvailabilityStatus,
    "Whether and how an item can be had; one to one with schema.org ItemAvailability.",
    {
        "IN_STOCK": "Can be had now, with units to spare.",
        "LIMITED_AVAILABILITY": "Can be had now, but is at or below its low-stock mark.",
        "BACK_ORDER": "Sold out, accepted now and shipped when stock returns.",
        "PRE_ORDER": "Not released yet, accepted now and shipped on release.",
        "OUT_OF_STOCK": "Cannot be had now; it may come back.",
        "SOLD_OUT": "Cannot be had and will not come back in this channel.",
        "DISCONTINUED": "No longer sold.",
    },
)
declare(
    AlertKind,
    "What is the matter with stock.",
    {
        "LOW_STOCK": "An item is at or below its low-stock mark in a channel.",
        "OUT_OF_STOCK": "An item can no longer be had in a channel.",
        "BACK_IN_STOCK": "An item that was sold out in a channel has been back for a while. It is "
        "resolved as it opens: there is nothing to see to.",
        "LATE_SUPPLY": "A receipt (open purchase order) has not come at its date.",
        "STALE_COUNTS": "A location has sent no count for longer than the rules allow.",
        "SHORTFALL": "More is promised of an item at a location than there is (oversell).",
        "SOURCE_LATE": "A source is silent for longer than is expected of it.",
        "SOURCE_FAILING": "What a source sends or answers can not be used, or it does not answer.",
        "SOURCE_DOUBTFUL": "The newest snapshot of a source is in quarantine.",
        "SOURCE_STALE": "A source is silent for so long that what it told is believed no more.",
        "SOURCE_CIRCUIT_OPEN": "A source has failed so often that it is asked seldom.",
    },
)
declare(
    AlertState,
    "How far one has come with an alert.",
    {
        "OPEN": "Nobody has said yet that he has seen it.",
        "ACKNOWLEDGED": "Somebody has seen it, and it goes on.",
        "RESOLVED": "It is over.",
    },
)
declare(
    NoticeState,
    "What became of a notice.",
    {
        "WAITING": "The item is not back yet, or others stand before it in the line.",
        "TOLD": "Notice was given. It is given once.",
        "CANCELLED": "It is no longer wanted.",
    },
)
declare(
    AlternativeReason,
    "Why an item is offered in place of another.",
    {
        "ONE_DIFFERENCE": "Of the same family, and one attribute differs.",
        "SAME_FAMILY": "Of the same family.",
    },
)
declare(
    GoogleAvailability,
    "The `availability` attribute of a Google Merchant Center feed.",
    {
        "in_stock": "Can be had now.",
        "out_of_stock": "Cannot be had now.",
        "preorder": "Accepted before its release; Google wants a date with it.",
        "backorder": "Accepted while sold out; Google wants a date with it.",
    },
)
declare(
    PromiseKind,
    "Where promised units come from.",
    {
        "STOCK": "From stock: they can leave now.",
        "SUPPLY": "From an expected receipt (incoming, open purchase order) at its date.",
        "PREORDER": "The item is not released yet: they leave on its release, or with the "
        "receipt that brings them if that comes later.",
        "BACKORDER": "Sold beyond stock, and nobody knows a date: they leave when stock returns.",
    },
)
declare(
    ReservationState,
    "Where a reservation is in its life. The last four are ends.",
    {
        "HELD": "Units are held for a cart or checkout until `expiresAt`.",
        "COMMITTED": "An order was placed: the units are allocated to it.",
        "FULFILLED": "All units have left the house.",
        "RELEASED": "The units were given back before an order was placed.",
        "EXPIRED": "The hold ran out, and the units are free again.",
        "CANCELLED": "The order was cancelled, and its units are free again.",
    },
)
declare(
    EndReason,
    "Why a reservation ended.",
    {
        "RELEASED": "Its holder gave it back.",
        "EXPIRED": "Its time was over.",
        "SUPERSEDED": "Its holder reserved the same units anew, and there were no others.",
        "NOT_IN_ORDER": "The order that redeemed it asked for none of its units.",
        "CANCELLED": "Its order was cancelled.",
    },
)
declare(
    HoldStage,
    "How far the shopper has come. Each stage has a hold length of its own.",
    {
        "CART": "Goods lie in the cart.",
        "CHECKOUT": "The shopper is in the checkout.",
        "PAYMENT": "The shopper pays.",
    },
)
declare(
    Condition,
    "Why units on hand cannot be sold.",
    {
        "DAMAGED": "They are broken.",
        "QUALITY_CONTROL": "They are being looked at.",
        "BLOCKED": "Somebody has set them aside.",
        "LOST": "They should be there and are not found.",
    },
)
declare(
    EventKind,
    "What an event of a subscription stands for.",
    {
        "SNAPSHOT": "The state of all watched items at the start.",
        "CHANGE": "The new state of the items that changed.",
        "RECOVERED": "The state after a gap that was read back from the change log.",
        "RESET": "Changes may have been lost: take this state in place of yours.",
    },
)
declare(
    MovementKind,
    "What happened to the stock of an item at a location.",
    {
        "RECEIVED": "Units arrived from a supplier.",
        "SHIPPED": "Allocated units left the house.",
        "RETURNED": "Shipped units came back into sellable stock.",
        "ADJUSTED": "Units on hand were corrected by a delta.",
        "COUNTED": "Units on hand were set to an absolute count.",
        "TRANSFERRED": "Units went to another location, or came from one.",
        "MARKED": "Units on hand were taken out of sale, or back into it.",
        "ALLOCATED": "Units were promised to a placed order.",
        "DEALLOCATED": "Units promised to an order became free again.",
        "RESERVED": "Units were held for a cart or checkout.",
        "RELEASED": "Held units were given back.",
        "EXPIRED": "Held units became free because the hold ran out.",
        "BACKORDERED": "Units were promised beyond stock: they wait for what comes in.",
        "FILLED": "Units that had been promised beyond stock came in and are held or allocated.",
        "SUPPLY_SCHEDULED": "A receipt is expected, or an expected one changed.",
        "SUPPLY_CANCELLED": "Nothing more of an expected receipt will come.",
        "CORRECTED": "The audit brought the position back to what the rest of the ledger says.",
    },
)
declare(
    Consistency,
    "How fresh an answer must be.",
    {
        "CACHED": "May come from a cache that follows the change log.",
        "STRONG": "Read from the ledger, past every cache.",
    },
)
declare(
    ItemOrder,
    "What items are sorted by.",
    {"SKU": "By sku.", "NAME": "By name, then by sku."},
    name="ItemSortField",
)
declare(
    CountPrecision,
    "Whether a number of entries is the whole number.",
    {
        "EXACT": "There are just so many.",
        "AT_LEAST": "There are at least so many: counting ended before the list did.",
    },
)
declare(
    SortDirection,
    "Which end comes first.",
    {"ASC": "Smallest, or first in the alphabet, first.", "DESC": "The other way round."},
)
declare(
    WebhookState,
    "Whether a webhook is sent anything.",
    {"ACTIVE": "It is.", "DISABLED": "It is not; `disabledReason` says why."},
)
declare(
    DisabledReason,
    "Why a webhook is sent nothing any more.",
    {
        "OWNER": "Its owner wanted it so.",
        "GONE": "Its receiver answered 410: it wants no more.",
        "FAILING": "Its receiver took nothing for 75 hours.",
        "BACKLOG": "More was waiting for it than may.",
    },
    name="WebhookDisabledReason",
)
declare(
    SourceDeliveryState,
    "What became of a delivery of a source as a whole.",
    {
        "ACCEPTED": "What could be read of it is in the inbox; its report tells of the rest.",
        "REFUSED": "Nothing of it is in the inbox. It is kept, and can be replayed.",
    },
)
declare(
    DeliveryState,
    "What became of an event for a webhook.",
    {
        "PENDING": "It is to be sent, for the first time or once more.",
        "SENDING": "It is under way.",
        "DELIVERED": "The receiver answered with a status of 200 to 299.",
        "FAILED": "It was tried as often as may be, or the webhook was disabled meanwhile.",
        "SUPERSEDED": "Newer word of the same is sent in its place.",
    },
    name="WebhookDeliveryState",
)
declare(
    LetterState,
    "Where an event stands that was a dead letter once.",
    {
        "DEAD": "It could not be worked, and waits for a person.",
        "PENDING": "It was put back, and is to be worked.",
        "APPLIED": "It has taken effect.",
        "SUPERSEDED": "It was worked and changed nothing, as what is newer was known.",
        "DISCARDED": "Somebody has decided that it is never worked.",
    },
    name="DeadLetterState",
)
declare(
    LetterStep,
    "What happened to an event.",
    {
        "RETRIED": "It was tried and came too early, so it is tried again.",
        "HELD": "It had to wait behind another event of its key, so it was not tried.",
        "FAILED": "It was tried and became a dead letter.",
        "APPLIED": "It was tried and has taken effect.",
        "SUPERSEDED": "It was tried and changed nothing, as what is newer was known.",
        "REQUEUED": "Somebody put it back.",
        "EDITED": "Somebody gave it another payload.",
        "DISCARDED": "Somebody ended it.",
        "REPLAYED": "A replay of the inbox put it back.",
    },
    name="DeadLetterStep",
)
declare(
    SnapshotState,
    "How far a snapshot of a source has come.",
    {
        "STAGING": "Its rows are coming in; nothing of it is applied.",
        "QUARANTINED": "It looks wrong and waits for a person; nothing of it is applied.",
        "APPLYING": "It is being applied.",
        "APPLIED": "All of it is applied, but for rows that were refused.",
        "REJECTED": "A person does not believe it; nothing of it was applied.",
        "EXPIRED": "Nobody decided in time; sent again, it is judged again.",
        "LOST": "A crash of the database lost what was left to apply; sent again, it goes on.",
    },
)
declare(
    SourceState,
    "How a source is doing. Of what is the matter with it, the worst counts.",
    {
        "WAITING": "Nothing was heard of it yet, and nothing is owed.",
        "FRESH": "It is heard as often as is expected of it, or nothing says how often that is.",
        "LATE": "It is silent for longer than is expected.",
        "FAILING": "What it sends or answers can not be used, or it does not answer: at least "
        "twice in a row.",
        "DOUBTFUL": "Its newest snapshot is in quarantine: what it told last was not believed.",
        "STALE": "It is silent for so long that what it told is believed no more.",
        "CIRCUIT_OPEN": "It has failed so often that it is asked seldom.",
    },
)
