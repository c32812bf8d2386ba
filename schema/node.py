"""Global ids: what can be asked for by its id alone, as Relay has it."""

from typing import Any, Final

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo
from strawberry import ID

from hub.domain.reservations import Reservation
from hub.domain.values import Sku
from hub.services.catalogue import CatalogueItem

_ITEM: Final = "Item:"

_TYPE_OF: Final[dict[type, str]] = {CatalogueItem: "Item", Reservation: "Reservation"}
"""The values that are nodes, and the types that they are told as."""


@strawberry.interface(description="What can be asked for by its id alone, with `node`.")
class Node:
    """What can be asked for by its id alone."""

    id: ID = strawberry.field(
        description="Identifies it among everything that has an id; opaque, and never changes."
    )

    @classmethod
    def resolve_type(
        cls, value: Any, _info: GraphQLResolveInfo[Any], _of: GraphQLAbstractType
    ) -> str:
        """The type of a node by its value."""
        return _TYPE_OF[type(value)]


def id_of_item(item: CatalogueItem) -> str:
    """The id of an item: its type and its sku, for other things may have an id that is a sku."""
    return _ITEM + item.sku


def sku_in(id: str) -> Sku | None:
    """The sku in the id of an item; None where it is the id of something else."""
    return id.removeprefix(_ITEM) if id.startswith(_ITEM) else None
