"""Items of the catalogue, and pages of them."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import availability as answers
from hub.domain.policies import Channel as ChannelRules
from hub.services import catalogue
from hub.services.catalogue import CatalogueItem, LocationInfo
from schema.availability import Availability
from schema.caching import shared_for
from schema.context import Info
from schema.costs import assumed
from schema.enums import ItemOrder, SortDirection
from schema.pages import PageInfo
from schema.scalars import ONE, Quantity
from schema.scope import ScopeArgument, scope_of
from schema.shape import shape_of

QuantityArgument = Annotated[
    Quantity, strawberry.argument(description="Units to ask for; `canFulfil` is about these.")
]


@shape_of(
    catalogue.CatalogueItem,
    "The unit that availability is computed for (elsewhere: variant).",
)
class Item:
    """The unit that availability is computed for."""

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
    ) -> Awaitable[answers.Availability]:
        """Whether the item can be had, how many, and why."""
        return info.context.loaders.availability(root.sku, scope_of(scope, info.context), quantity)

    @strawberry.field(
        graphql_type=list["Item"],
        description="The other items of the family, by name.",
        directives=[assumed(10), shared_for(1)],
    )
    @staticmethod
    def variants(
        root: strawberry.Parent[CatalogueItem], info: Info
    ) -> Awaitable[list[CatalogueItem]]:
        """The other items of the family."""
        return info.context.loaders.variants(root)


@strawberry.type(description="An item and its place in the list.")
class ItemEdge:
    """An item and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[CatalogueItem, strawberry.field(graphql_type=Item, description="The item.")]


@strawberry.type(description="A page of items.")
class ItemConnection:
    """A page of items."""

    edges: list[ItemEdge] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
    total_count: Annotated[
        int | None,
        strawberry.field(graphql_type=int, description="Items that match the filter in all."),
    ]


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


@strawberry.input(description="Which items to list; what is not named does not matter.")
class ItemFilter:
    """Which items to list."""

    text: str | None = strawberry.field(
        default=None, description="Words that the sku or the name must hold."
    )
    category: str | None = strawberry.field(default=None, description="Only this category.")
    family: str | None = strawberry.field(default=None, description="Only this family.")
    skus: list[ID] | None = strawberry.field(default=None, description="Only these items.")


@strawberry.input(description="The order of a list of items.")
class ItemSort:
    """The order of a list of items."""

    field: ItemOrder = strawberry.field(default=ItemOrder.NAME, description="What to sort by.")
    direction: SortDirection = strawberry.field(
        default=SortDirection.ASC, description="Which end comes first."
    )
