"""Queries: what can be asked."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import availability as answers
from hub.domain import policies, reservations
from hub.domain.errors import UnknownSku
from hub.domain.values import identifier_from, text_from
from hub.services import listing
from hub.services.catalogue import CatalogueItem, LocationInfo
from resolvers.alert_queries import AlertQueries
from resolvers.channel_queries import ChannelQueries
from resolvers.dead_letter_operations import DeadLetterQueries
from resolvers.delivery_queries import DeliveryQueries
from resolvers.inputs import asked_quantity, skus_from
from resolvers.node_queries import NodeQueries
from resolvers.pages import After, First, page_info_of, selects
from resolvers.reconciliation_operations import ReconciliationQueries
from resolvers.snapshot_operations import SnapshotQueries
from resolvers.source_queries import SourceQueries
from resolvers.stock_queries import StockQueries
from resolvers.upload_queries import UploadQueries
from resolvers.webhook_queries import WebhookQueries
from schema.availability import Availability
from schema.caching import shared_for
from schema.context import Info
from schema.costs import PAGE, assumed, sized_by
from schema.enums import Consistency, CountPrecision, SortDirection
from schema.item import (
    Channel,
    ConsistencyArgument,
    Item,
    ItemConnection,
    ItemEdge,
    Location,
    QuantityArgument,
)
from schema.item_filter import ItemFilter, ItemSort
from schema.reservation import Reservation
from schema.scalars import ONE
from schema.scope import ScopeArgument, scope_of


@strawberry.type(description="What can be asked.")
class Query(
    NodeQueries,
    StockQueries,
    AlertQueries,
    WebhookQueries,
    ChannelQueries,
    DeadLetterQueries,
    SourceQueries,
    DeliveryQueries,
    SnapshotQueries,
    ReconciliationQueries,
    UploadQueries,
):
    """What can be asked."""

    @strawberry.field(
        graphql_type=Item | None,
        description="The item with this sku; null if there is none.",
        directives=[shared_for(1)],
    )
    async def item(
        self, info: Info, sku: Annotated[ID, strawberry.argument(description="The item.")]
    ) -> CatalogueItem | None:
        """The item with this sku."""
        return await info.context.loaders.item(identifier_from(sku, "sku"))

    @strawberry.field(
        description="Items of the catalogue, a page at a time.", directives=[PAGE, shared_for(1)]
    )
    async def items(
        self,
        info: Info,
        first: First = 24,
        after: After = None,
        where: Annotated[
            ItemFilter | None,
            strawberry.argument(name="filter", description="Which items; all if missing."),
        ] = None,
        sort: Annotated[
            ItemSort | None, strawberry.argument(description="In which order; by name if missing.")
        ] = None,
    ) -> ItemConnection:
        """Items of the catalogue."""
        order = sort or ItemSort()
        context = info.context
        page = await context.services.listing.page(
            context.principal,
            first,
            after,
            _filter_of(where or ItemFilter(), info),
            order.field,
            order.direction is SortDirection.DESC,
            with_total=selects(info, "totalCount") or selects(info, "totalCountPrecision"),
        )
        edges = [
            ItemEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return ItemConnection(
            edges=edges,
            page_info=page_info_of(page, after),
            total_count=page.total,
            total_count_precision=(
                CountPrecision.EXACT if page.total_is_exact else CountPrecision.AT_LEAST
            ),
        )

    @strawberry.field(
        graphql_type=list[Availability],
        description="The answer for each of the skus, in their order. An unknown sku is an error "
        "with code UNKNOWN_SKU that names it.",
        directives=[sized_by("skus"), shared_for(1)],
    )
    async def availability(
        self,
        info: Info,
        skus: Annotated[
            list[ID], strawberry.argument(description="The items to ask for: 1 to 250.")
        ],
        scope: ScopeArgument = None,
        quantity: QuantityArgument = ONE,
        consistency: ConsistencyArgument = Consistency.CACHED,
    ) -> list[answers.Availability]:
        """The answer for each of the skus."""
        context = info.context
        asked = skus_from(context, skus)
        found = await context.services.lookup.availability(
            context.principal,
            asked,
            scope_of(scope, context),
            asked_quantity(quantity),
            strong=consistency is Consistency.STRONG,
        )
        unknown = [sku for sku in asked if sku not in found]
        if unknown:
            raise UnknownSku(skus=unknown)
        return [found[sku] for sku in asked]

    @strawberry.field(
        graphql_type=Reservation | None,
        description="The reservation with this id, ended ones too; null if there is none.",
    )
    async def reservation(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="The reservation.")],
    ) -> reservations.Reservation | None:
        """The reservation with this id."""
        context = info.context
        found = await context.services.reservations.by_ids(context.principal, [id])
        return found.get(id)

    @strawberry.field(
        graphql_type=list[Location],
        description="All locations, by id.",
        directives=[assumed(10), shared_for(10)],
    )
    async def locations(self, info: Info) -> list[LocationInfo]:
        """All locations."""
        return await info.context.services.catalogue.locations(info.context.principal)

    @strawberry.field(
        graphql_type=list[Channel],
        description="All channels, by id.",
        directives=[assumed(5), shared_for(10)],
    )
    def channels(self, info: Info) -> list[policies.Channel]:
        """All channels."""
        return info.context.services.catalogue.channels(info.context.principal)


def _filter_of(where: ItemFilter, info: Info) -> listing.ItemFilter:
    return listing.ItemFilter(
        text=_filter_text(where.text, "filter.text"),
        category=_filter_text(where.category, "filter.category"),
        family=_filter_text(where.family, "filter.family"),
        skus=None if where.skus is None else tuple(skus_from(info.context, where.skus)),
        discontinued=where.discontinued,
        channel=_filter_id(where.channel, "filter.channel"),
        statuses=None if where.status is None else tuple(where.status),
        low_stock=where.low_stock,
        location=_filter_id(where.location, "filter.location"),
        not_counted_since=where.not_counted_since,
    )


def _filter_id(id: ID | None, field: str) -> str | None:
    return None if id is None else identifier_from(id, field)


def _filter_text(text: str | None, field: str) -> str | None:
    # An empty search box filters nothing.
    return text_from(text, field) if text else None
