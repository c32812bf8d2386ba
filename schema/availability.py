"""The answer: can I have it, how many, when, and why."""

from collections.abc import Awaitable
from datetime import datetime
from operator import attrgetter
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import availability as answers
from hub.domain import messages, promise
from hub.domain.policies import UNLIMITED
from hub.domain.structured_data import google_date, json_ld
from hub.domain.values import Quantity as Units
from hub.domain.values import Scope
from hub.services import alternatives as offers
from hub.services import watch
from hub.services.catalogue import CatalogueItem
from hub.services.wording import text_of
from schema.alternatives import (
    DEFAULT_ALTERNATIVES,
    Alternative,
    Always,
    FirstAlternatives,
    WithUnavailable,
)
from schema.caching import shared_for
from schema.context import Info
from schema.costs import sized_by
from schema.enums import AvailabilityStatus, EventKind, GoogleAvailability
from schema.lazy_types import LazyItem
from schema.promise import PromiseLine
from schema.scalars import Quantity
from schema.shape import IS_PURE, derived, shape_of


def _limited(units: Units | None) -> Units | None:
    # Outside the hub no limit is null, so that no client takes the largest number for a number.
    return None if units is None or units >= UNLIMITED else units


@shape_of(
    messages.Message,
    "What to tell a shopper: a code with parameters, what the claim rests on, and the text in a "
    "language.",
)
class Message:
    """What to tell a shopper."""

    code: str = strawberry.field(description="Which message this is, such as `ONLY_N_LEFT`.")
    params: JSON = strawberry.field(
        description="What fills the text, for clients that bring their own wording."
    )
    evidence: JSON | None = strawberry.field(
        description="What the claim rests on: when it was counted, which rule or date it is from."
    )

    @strawberry.field(
        description="The message as a sentence.",
        metadata={IS_PURE: True},
        directives=[shared_for(1)],
    )
    @staticmethod
    def text(
        root: strawberry.Parent[messages.Message],
        locale: Annotated[
            str | None,
            strawberry.argument(
                description="Language of the text as a BCP 47 tag, such as `de` or `en-GB`; "
                "English where it is missing or unknown."
            ),
        ] = None,
    ) -> str:
        """The message as a sentence."""
        return text_of(root, locale)


@shape_of(
    answers.LocationBreakdown,
    "What one location (elsewhere: source, node, warehouse) of the channel's pool brings to the "
    "number.",
)
class LocationBreakdown:
    """What one location brings to the number."""

    location: ID = strawberry.field(description="The id of the location.")
    on_hand: Quantity = strawberry.field(
        description="Units physically there (stock on hand, QOH). Negative when goods left that "
        "the ledger never saw arrive."
    )
    unavailable: Quantity = strawberry.field(
        description="On hand but not sellable: damaged, in quality control …"
    )
    allocated: Quantity = strawberry.field(
        description="Promised to placed orders and not shipped (Shopify: committed; Magento and "
        "ERPNext call this reserved)."
    )
    reserved: Quantity = strawberry.field(
        description="Held by carts and checkouts for a limited time (hold, soft reservation)."
    )
    backordered: Quantity = strawberry.field(
        description="Units promised beyond stock (backorders, preorders): they wait for what "
        "comes in."
    )
    safety_stock: Quantity = strawberry.field(
        description="The buffer: units withheld from sale here (threshold, min_qty)."
    )
    safety_stock_rule: str | None = strawberry.field(
        description="The rule that set the safety stock, such as `location:BER`; "
        "`source:acme` where a source that is not believed makes the location withhold more."
    )
    available_to_sell: Quantity = strawberry.field(
        description="What can be sold from here now (salable quantity), never below 0."
    )
    incoming: Quantity = strawberry.field(
        description="Expected receipts (open purchase orders) that have not arrived."
    )
    shortfall: Quantity = strawberry.field(
        description="Demand here that stock cannot cover (oversell)."
    )


@shape_of(
    answers.Breakdown,
    "How the number comes about: the parts, summed over the channel's pool of locations.",
)
class Breakdown:
    """How the number comes about."""

    on_hand: Quantity = strawberry.field(
        description="Units physically in the pool (stock on hand, QOH)."
    )
    unavailable: Quantity = strawberry.field(
        description="On hand but not sellable: damaged, in quality control …"
    )
    allocated: Quantity = strawberry.field(
        description="Promised to placed orders and not shipped (Shopify: committed)."
    )
    reserved: Quantity = strawberry.field(
        description="Held by carts and checkouts for a limited time (hold, soft reservation)."
    )
    backordered: Quantity = strawberry.field(
        description="Units promised beyond stock (backorders, preorders): they wait for what "
        "comes in."
    )
    safety_stock: Quantity = strawberry.field(
        description="The buffer: units withheld from sale (threshold, min_qty)."
    )
    available_to_sell: Quantity = strawberry.field(
        description="ATS, the salable quantity: what each location can sell, summed. A location "
        "that is short takes nothing from another."
    )
    beyond_stock: Quantity | None = derived(
        lambda breakdown: _limited(breakdown.beyond_stock),
        "Units that backorder or preorder rules still allow beyond stock; null without a limit.",
    )
    available_to_order: Quantity | None = derived(
        lambda breakdown: _limited(breakdown.available_to_order),
        "ATO: available to sell plus what backorder or preorder rules allow; null without a limit.",
    )
    incoming: Quantity = strawberry.field(
        description="Expected receipts (open purchase orders) that have not arrived."
    )
    shortfall: Quantity = strawberry.field(
        description="Demand that stock cannot cover (oversell), summed over locations."
    )
    locations: list[LocationBreakdown] = strawberry.field(
        description="The same for each location of the pool that has a position of the item."
    )


@shape_of(
    answers.KitComponent,
    "What one component brings to the answer for a kit: a kit can be had as often as the component "
    "that runs out first.",
)
class KitComponent:
    """What one component brings to the answer for a kit."""

    sku: ID = strawberry.field(description="The component.")
    per_kit: Quantity = strawberry.field(description="Units of it in one kit.")
    available_to_order: Quantity | None = derived(
        lambda component: _limited(component.available_to_order),
        "Units of it that can be ordered now; null without a limit, and for an audience that is "
        "told bands.",
    )


@shape_of(
    answers.Availability,
    "The answer for one item (elsewhere: variant) in one channel (sales channel), at one time.",
)
class Availability:
    """The answer for one item in one channel."""

    sku: ID = strawberry.field(description="The item.")
    channel: ID = strawberry.field(
        description="The channel the answer holds for (sales channel; elsewhere its pool is "
        "called stock, location group or virtual catalogue)."
    )
    quantity: Quantity | None = strawberry.field(
        description="Units that can be ordered now; null where backorder is without a limit, and "
        "for an audience that is told bands."
    )
    band: str | None = strawberry.field(
        description='A rough quantity such as "0", "1-4" or "10+", for an audience that is told '
        "bands and not the exact quantity (anonymous storefronts); null for every other."
    )
    status: AvailabilityStatus = strawberry.field(
        description="Whether and how the item can be had."
    )
    google_availability: GoogleAvailability = derived(
        lambda answer: answer.status.google,
        description="The status as Google Merchant Center wants it.",
    )
    google_availability_date: datetime | None = derived(
        google_date,
        "The `availability_date` that Google Merchant Center wants of a preorder or backorder; "
        "null of all others, and where no date is known: Google then takes the item only as "
        "`out_of_stock`.",
    )
    schema_org_availability: str = derived(
        lambda answer: answer.status.schema_org,
        description="The status as the URL that schema.org structured data wants.",
    )
    can_fulfil: bool = strawberry.field(description="Whether `requested` units can be had now.")
    requested: Quantity = strawberry.field(description="The units that were asked for.")
    version: int = strawberry.field(
        description="Grows with every change of the item's stock in this channel: of two "
        "answers, the one with the higher version is the newer."
    )
    as_of: datetime = strawberry.field(
        description="When the answer was computed, by the database's clock."
    )
    json_ld: JSON = derived(
        json_ld,
        "A schema.org Offer as JSON-LD: `availability`, `availabilityStarts` where a date is "
        "known, and `inventoryLevel` for an audience that is told exact quantities. The page adds "
        "its price.",
    )
    breakdown: Breakdown | None = derived(
        attrgetter("parts"),
        "How the number comes about; null for an audience that is told bands.",
    )
    limiting_reason: str | None = strawberry.field(
        description="Why `requested` cannot be had: `ON_HAND`, `SAFETY_STOCK`, "
        "`BACKORDERED`, `RESERVED`, `ALLOCATED`, `UNAVAILABLE`, `NOT_STOCKED` or "
        "`DISCONTINUED`; null where it can."
    )
    limiting_rule: str | None = strawberry.field(
        description="The rule behind the reason, such as `location:BER`, where there is one; of a "
        "kit the component that runs out first, such as `component:MUG`."
    )
    components: list[KitComponent] = strawberry.field(
        description="Of a kit (bundle) its components; empty for every other item."
    )
    message: Message = strawberry.field(description="What to tell a shopper.")

    promise: Annotated[
        promise.Promise,
        strawberry.field(
            graphql_type=list[PromiseLine],
            description="When `requested` units can be had, or as many of them as can be ordered: "
            "from stock now, then with what is expected, in the order of its dates, then some day "
            "as far as backorder or preorder rules allow. What others wait for already is theirs.",
        ),
    ]
    next_supply_at: datetime | None = strawberry.field(
        description="The earliest date of a supply line (incoming, open PO) that is still to come "
        "and not promised yet; of a kit, when the last of its missing components comes."
    )

    stale_since: datetime | None = strawberry.field(
        description="Since when a location that units of the item lie at has owed a count, by the "
        "rule of how old its counts may be, or a source that tells of it is not believed; null "
        "where neither is so, and for an audience that is told bands."
    )

    @strawberry.field(
        graphql_type=LazyItem | None,
        description="The item, unless the catalogue dropped it.",
        directives=[shared_for(1)],
    )
    @staticmethod
    def item(
        root: strawberry.Parent[answers.Availability], info: Info
    ) -> Awaitable[CatalogueItem | None]:
        """The item."""
        return info.context.loaders.item(root.sku)

    @strawberry.field(
        graphql_type=list[Alternative],
        description="Other items of the family of which `requested` units can be had in this "
        "channel, the likest first; none where this one can be had and is not low.",
        directives=[sized_by("first"), shared_for(1)],
    )
    @staticmethod
    def alternatives(
        root: strawberry.Parent[answers.Availability],
        info: Info,
        first: FirstAlternatives = DEFAULT_ALTERNATIVES,
        always: Always = False,
        with_unavailable: WithUnavailable = False,
    ) -> Awaitable[list[offers.Alternative]]:
        """Other items to offer."""
        return info.context.loaders.alternatives(
            root.sku, Scope(root.channel), root.requested, first, always, with_unavailable
        )


@shape_of(
    watch.AvailabilityEvent,
    "The state of some of the watched items. The newest state of an item replaces older ones; "
    "a slow reader gets the newest, not every one in between.",
)
class AvailabilityEvent:
    """The state of some of the watched items."""

    kind: EventKind = strawberry.field(description="What this event stands for.")
    cursor: str = strawberry.field(description="The place of this event in the change log.")
    availability: list[Availability] = strawberry.field(
        description="The answers: all of them in a snapshot, the changed ones in a change."
    )
