"""Items of the catalogue, and pages of them."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import availability as answers
from hub.domain import demand
from hub.domain.policies import Channel as ChannelRules
from hub.services import alternatives as offers
from hub.services import catalogue
from hub.services.catalogue import CatalogueItem, LocationInfo
from schema.alternatives import (
    DEFAULT_ALTERNATIVES,
    Alternative,
    Always,
    FirstAlternatives,
    WithUnavailable,
)
from schema.availability import Availability
from schema.caching import shared_for
from schema.claims import ClaimConnection
from schema.context import Info
from schema.costs import PAGE, assumed, sized_by, weighs
from schema.enums import Consistency, CountPrecision
from schema.forecast import DemandForecast
from schema.node import Node, id_of_item
from schema.pages import After, First, PageInfo
from schema.scalars import ONE, Quantity
from schema.scope import ScopeArgument, scope_of
from schema.shape import derived, shape_of
from schema.stock import LocationArgument, StockMovementConnection

ConsistencyArgument = Annotated[
    Consistency, strawberry.argument(description="How fresh the answer must be.")
]
QuantityArgument = Annotated[
    Quantity, strawberry.argument(description="Units to ask for; `canFulfil` is about these.")
]


@shape_of(
    catalogue.CatalogueItem,
    "The unit that availability is computed for (elsewhere: variant).",
)
class Item(Node):
    """The unit that availability is computed for."""

    id: ID = derived(
        id_of_item,
        "Identifies the item among everything that has an id; opaque, and never changes.",
    )
    sku: ID = strawberry.field(
        description="What identifies the item: opaque, case-sensitive, 1 to 64 characters."
    )
    name: str = strawberry.field(description="What people call the item.")
    family: str | None = strawberry.field(
        description="What the item is a variant of: items of one family differ in size, colour …"
    )
    category: str | None = strawberry.field(
        description="The category of the item, which rules can be made for."
    )
    unit: str = strawberry.field(description="What one unit is: a piece, a kilogram, a metre …")
    discontinued: bool = strawberry.field(description="Whether the item is no longer sold.")
    attributes: JSON = strawberry.field(
        description="What else the catalogue says of the item: colour, size, price …"
    )

    @strawberry.field(
        graphql_type=Availability,
        description="Whether the item can be had, how many, and why.",
        directives=[shared_for(1)],
    )
    @staticmethod
    def availability(
        root: strawberry.Parent[CatalogueItem],
        info: Info,
        scope: ScopeArgument = None,
        quantity: QuantityArgument = ONE,
        consistency: ConsistencyArgument = Consistency.CACHED,
    ) -> Awaitable[answers.Availability]:
        """Whether the item can be had, how many, and why."""
        strong = consistency is Consistency.STRONG
        return info.context.loaders.availability(
            root.sku, scope_of(scope, info.context), quantity, strong
        )

    @strawberry.field(
        graphql_type=list["Item"],
        description="The other items of the family, by name.",
        directives=[sized_by("first"), shared_for(1)],
    )
    @staticmethod
    def variants(
        root: strawberry.Parent[CatalogueItem], info: Info, first: First = 20
    ) -> Awaitable[list[CatalogueItem]]:
        """The other items of the family."""
        return info.context.loaders.variants(root, first)

    @strawberry.field(
        graphql_type=list[Alternative],
        description="Other items of the family of which so many can be had in the same scope, the "
        "likest first; none where the item itself can be had and is not low.",
        directives=[sized_by("first"), shared_for(1)],
    )
    @staticmethod
    def alternatives(
        root: strawberry.Parent[CatalogueItem],
        info: Info,
        scope: ScopeArgument = None,
        quantity: QuantityArgument = ONE,
        first: FirstAlternatives = DEFAULT_ALTERNATIVES,
        always: Always = False,
        with_unavailable: WithUnavailable = False,
    ) -> Awaitable[list[offers.Alternative]]:
        """Other items to offer in place of this one."""
        return info.context.loaders.alternatives(
            root.sku, scope_of(scope, info.context), quantity, first, always, with_unavailable
        )

    @strawberry.field(
        description="Who holds units of the item, has them allocated or waits for them, the "
        "oldest first. Null, with an error, without the scope `stock:write`: it names holders and "
        "orders.",
        directives=[PAGE],
    )
    @staticmethod
    async def reservations(
        root: strawberry.Parent[CatalogueItem],
        info: Info,
        first: First = 10,
        after: After = None,
        location: LocationArgument = None,
    ) -> ClaimConnection | None:
        """Who has a claim on units of the item."""
        page = await info.context.loaders.claims(root.sku, location, first, after)
        return ClaimConnection.of(page, after)

    @strawberry.field(
        description="The ledger of the item, the newest movement first: why the number is what it "
        "is. Null, with an error, for an audience that is told bands.",
        directives=[PAGE],
    )
    @staticmethod
    async def movements(
        root: strawberry.Parent[CatalogueItem],
        info: Info,
        first: First = 10,
        after: After = None,
        location: LocationArgument = None,
    ) -> StockMovementConnection | None:
        """The ledger of the item."""
        page = await info.context.loaders.movements(root.sku, location, first, after)
        return StockMovementConnection.of(page, after)

    @strawberry.field(
        graphql_type=DemandForecast | None,
        description="How fast the item sells from the channel's pool, and how long it lasts. Null "
        "for a kit, which has no stock of its own; null, with an error, for an audience that is "
        "told bands.",
        directives=[weighs("5")],
    )
    @staticmethod
    def forecast(
        root: strawberry.Parent[CatalogueItem], info: Info, scope: ScopeArgument = None
    ) -> Awaitable[demand.DemandForecast | None]:
        """How fast the item sells."""
        return info.context.loaders.forecast(root.sku, scope_of(scope, info.context))


@strawberry.type(description="An item and its place in the list.")
class ItemEdge:
    """An item and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[CatalogueItem, strawberry.field(graphql_type=Item, description="The item.")]


@strawberry.type(
    description="A page of items. Where few of the items that were looked at match, it may be "
    "shorter than asked, even empty, though `pageInfo.hasNextPage` is true: go on behind "
    "`pageInfo.endCursor`. So no list takes long."
)
class ItemConnection:
    """A page of items."""

    edges: list[ItemEdge] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
    total_count: Annotated[
        int | None,
        strawberry.field(
            graphql_type=int,
            description="Items that match the filter in all, counted up to 10,000: "
            "`totalCountPrecision` says whether there may be more.",
        ),
    ]
    total_count_precision: CountPrecision = strawberry.field(
        description="Whether `totalCount` is the whole number."
    )


@shape_of(
    catalogue.LocationInfo,
    "A place, shop or supplier that physically holds stock (elsewhere: source, node, warehouse).",
)
class Location:
    """A place that physically holds stock."""

    id: ID = strawberry.field(description="What identifies the location.")
    name: str = strawberry.field(description="What people call the location.")
    country: str | None = strawberry.field(description="ISO 3166-1 code of its country.")
    time_zone: str = strawberry.field(description="IANA name of its time zone.")


@shape_of(
    ChannelRules,
    "A selling surface with its own rules, and the pool of locations that serve it (elsewhere: "
    "sales channel; stock, location group, virtual catalogue).",
)
class Channel:
    """A selling surface and the pool that serves it."""

    id: ID = strawberry.field(description="What identifies the channel.")
    name: str = strawberry.field(description="What people call the channel.")
    locale: str = strawberry.field(description="BCP 47 tag of the language it speaks.")
    currency: str = strawberry.field(description="ISO 4217 code of the currency it sells in.")

    @strawberry.field(
        graphql_type=list[Location],
        description="The pool: the locations that serve the channel, in the order they are asked.",
        directives=[assumed(5), shared_for(10)],
    )
    @staticmethod
    def locations(
        root: strawberry.Parent[ChannelRules], info: Info
    ) -> Awaitable[list[LocationInfo]]:
        """The locations that serve the channel."""
        return info.context.loaders.locations(root.pool)
