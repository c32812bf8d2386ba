"""The promise: when so many units can be had."""

from datetime import datetime

import strawberry
from strawberry import ID

from hub.domain import promise
from schema.enums import PromiseKind
from schema.scalars import Quantity
from schema.shape import shape_of


@shape_of(
    promise.PromiseLine,
    "Units that can be had at one time: from stock, with an expected receipt, or some day.",
)
class PromiseLine:
    """Units that can be had at one time."""

    quantity: Quantity | None = strawberry.field(
        description="So many units; null for an audience that is told bands."
    )
    kind: PromiseKind = strawberry.field(description="Where they come from.")
    date: datetime | None = strawberry.field(
        description="When they are expected (promise date, elsewhere: availability date), never "
        "in the past; null for stock, and where no date is known."
    )
    document: ID | None = strawberry.field(
        description="The supply line (purchase order, delivery note …) that brings them, where "
        "one is known that does; null for an audience that is told bands."
    )
