"""What the mutation of comparisons takes and gives back."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import reconciliations as domain
from schema.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidInput,
    ReconciliationNotFound,
)
from schema.idempotency import idempotency_key
from schema.reconciliation_enums import DriftCause
from schema.reconciliations import Reconciliation


@strawberry.input(description="An item of a comparison.")
class DriftItemInput:
    """An item of a comparison."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it is.")


@strawberry.input(
    description="Corrections that are to be booked. Without causes and items: all that nothing but "
    "a correction mends, which leaves out what most likely mends itself. Up to 20,000 at a time."
)
class BookReconciliationInput:
    """Corrections that are to be booked."""

    id: ID = strawberry.field(description="The comparison.")
    causes: list[DriftCause] | None = strawberry.field(
        default=None, description="Only what differs by one of these causes."
    )
    items: list[DriftItemInput] | None = strawberry.field(
        default=None, description="Only these items: up to 250."
    )
    reason: str = strawberry.field(
        description="Why, in one line; it stands in the ledger behind the cause."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(
    description="The corrections are asked for. Most are booked by now, the others soon: those "
    "whose position is moving right now, and more than fit into one request."
)
class BookReconciliationSuccess:
    """The corrections are asked for."""

    reconciliation: Annotated[
        domain.Reconciliation,
        strawberry.field(graphql_type=Reconciliation, description="The comparison as it is now."),
    ]
    asked: int = strawberry.field(
        description="How many corrections were asked for by this; not those that were before."
    )


BookReconciliationResult = Annotated[
    BookReconciliationSuccess
    | ReconciliationNotFound
    | InvalidInput
    | IdempotencyMismatch
    | IdempotencyInProgress,
    strawberry.union(
        "BookReconciliationResult", description="What became of `bookReconciliation`."
    ),
]
