"""Claims on stock: who holds which units, and whom a shortfall hits."""

from collections.abc import Awaitable
from typing import Annotated, Self

import strawberry
from strawberry import ID

from hub.domain import reservations
from hub.services import claims
from hub.services.catalogue import Page
from schema.context import Info
from schema.costs import assumed
from schema.pages import PageInfo, page_info_of
from schema.reservation import Reservation, ReservationLine
from schema.scalars import Quantity
from schema.shape import shape_of


@shape_of(
    claims.LiveClaim,
    "A claim on units of an item: a line of a reservation with units that are held, allocated or "
    "waited for. A hold past its end is none.",
)
class Claim:
    """A claim on units of an item."""

    line: Annotated[
        reservations.ReservationLine,
        strawberry.field(
            graphql_type=ReservationLine, description="Which units, and what became of them."
        ),
    ]

    @strawberry.field(graphql_type=Reservation, description="Whose units they are.")
    @staticmethod
    def reservation(
        root: strawberry.Parent[claims.LiveClaim], info: Info
    ) -> Awaitable[reservations.Reservation]:
        """Whose units they are."""
        return info.context.loaders.reservation(root.reservation)


@strawberry.type(description="A claim and its place in the line.")
class ClaimEdge:
    """A claim and its place in the line."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        claims.LiveClaim, strawberry.field(graphql_type=Claim, description="The claim.")
    ]


@strawberry.type(description="A page of claims, the oldest first: they are served in this order.")
class ClaimConnection:
    """A page of claims, the oldest first."""

    edges: list[ClaimEdge] = strawberry.field(description="The claims of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the line goes on.")

    @classmethod
    def of(cls, page: Page[claims.LiveClaim], after: str | None) -> Self:
        """The page that begins behind `after`."""
        return cls(
            edges=[
                ClaimEdge(cursor=cursor, node=node)
                for cursor, node in zip(page.cursors, page.nodes, strict=True)
            ],
            page_info=page_info_of(page, after),
        )


@shape_of(claims.Lacking, "A reservation that the stock of a location does not reach.")
class AffectedReservation:
    """A reservation that stock does not reach."""

    units: Quantity = strawberry.field(description="Units that it lacks there.")

    @strawberry.field(graphql_type=Reservation, description="The reservation.")
    @staticmethod
    def reservation(
        root: strawberry.Parent[claims.Lacking], info: Info
    ) -> Awaitable[reservations.Reservation]:
        """The reservation."""
        return info.context.loaders.reservation(root.reservation)


@shape_of(
    claims.Shortfall,
    "More is promised of an item at a location than there is (oversell). It opens when a supplier "
    "lowers stock below what is promised, and closes by itself when stock returns.",
)
class Shortfall:
    """More is promised of an item at a location than there is."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="The location.")
    shortfall: Quantity = strawberry.field(description="Units that are promised and not there.")
    affected_count: int = strawberry.field(
        description="How many reservations lack units. Those that are older than they are served."
    )
    affected: Annotated[
        list[claims.Lacking],
        strawberry.field(
            graphql_type=list[AffectedReservation],
            description=f"They, the oldest first; at most {claims.MAX_AFFECTED} of them.",
            directives=[assumed(5)],
        ),
    ]


@strawberry.type(description="A shortfall and its place in the list.")
class ShortfallEdge:
    """A shortfall and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        claims.Shortfall, strawberry.field(graphql_type=Shortfall, description="The shortfall.")
    ]


@strawberry.type(description="A page of shortfalls, by item and location.")
class ShortfallConnection:
    """A page of shortfalls."""

    edges: list[ShortfallEdge] = strawberry.field(description="The shortfalls of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
