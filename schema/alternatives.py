"""What to offer in place of an item that is out or low."""

from typing import Annotated

import strawberry

from hub.domain import availability as answers
from hub.services import alternatives
from hub.services.catalogue import CatalogueItem
from schema.enums import AlternativeReason
from schema.lazy_types import LazyAvailability, LazyItem
from schema.shape import shape_of

DEFAULT_ALTERNATIVES = 5

FirstAlternatives = Annotated[
    int, strawberry.argument(description="How many at most, the likest first: 1 to 100.")
]
Always = Annotated[
    bool,
    strawberry.argument(
        description="Also where the item itself can be had and is not low; there are none else."
    ),
]
WithUnavailable = Annotated[
    bool,
    strawberry.argument(description="Also those that cannot be had, as many as are asked for."),
]


@shape_of(
    alternatives.Alternative,
    "An item to offer in place of another (substitute): of its family, and as like it as can be.",
)
class Alternative:
    """An item to offer in place of another."""

    item: Annotated[
        CatalogueItem,
        strawberry.field(
            graphql_type=LazyItem,
            description="The item.",
        ),
    ]
    availability: Annotated[
        answers.Availability,
        strawberry.field(
            graphql_type=LazyAvailability,
            description="Whether it can be had, in the same scope and quantity.",
        ),
    ]
    reason: AlternativeReason = strawberry.field(description="Why it is offered.")
    differs_in: list[str] = strawberry.field(
        description="The attributes in which it differs, by name: what a shopper has to know."
    )
