"""Queries by id alone: nodes as Relay has them, and reservations, many at once."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import reservations as claims
from hub.domain.errors import InvalidInput, ReservationNotFound
from hub.domain.values import identifier_from
from hub.services.catalogue import CatalogueItem
from schema.context import Context, Info
from schema.costs import sized_by
from schema.node import Node, sku_in
from schema.reservation import Reservation

NodeValue = CatalogueItem | claims.Reservation


@strawberry.type(description="What can be asked for by id.")
class NodeQueries:
    """What can be asked for by id."""

    @strawberry.field(
        graphql_type=Node | None,
        description="The item, reservation … with this id; null if there is none.",
    )
    async def node(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The id.")]
    ) -> NodeValue | None:
        """What has this id."""
        return await _node(info.context, id)

    @strawberry.field(
        graphql_type=list[Node | None],
        description="What has each of these ids, in their order; null where there is none.",
        directives=[sized_by("ids")],
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[ID], strawberry.argument(description="The ids: 1 to 250.")],
    ) -> list[NodeValue | None]:
        """What has each of these ids."""
        _check_number(info.context, ids)
        return await asyncio.gather(*(_node(info.context, id) for id in ids))

    @strawberry.field(
        graphql_type=list[Reservation | None],
        description="The reservation with each of these ids, in their order, ended ones too; null "
        "where there is none.",
        directives=[sized_by("ids")],
    )
    async def reservations(
        self,
        info: Info,
        ids: Annotated[list[ID], strawberry.argument(description="The reservations: 1 to 250.")],
    ) -> list[claims.Reservation | None]:
        """The reservation with each of these ids."""
        context = info.context
        _check_number(context, ids)
        found = await context.services.reservations.by_ids(context.principal, ids)
        return [found.get(id) for id in ids]


async def _node(context: Context, id: str) -> NodeValue | None:
    sku = sku_in(id)
    try:
        if sku is not None:
            return await context.loaders.item(identifier_from(sku, "id"))
        return await context.loaders.reservation(id)
    except (InvalidInput, ReservationNotFound):
        # An id that nothing can have is one that nothing has.
        return None


def _check_number(context: Context, ids: Sequence[str]) -> None:
    most = context.services.settings.max_list_items
    if not 1 <= len(ids) <= most:
        raise InvalidInput(field="ids", problem=f"must hold 1 to {most} ids, not {len(ids)}")
