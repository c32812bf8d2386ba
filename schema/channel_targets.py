"""Targets: the other sides that the quantities of channels are pushed to, and how they stand."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.services.channel_sync import SHOWN_ITEMS, TargetReport
from hub.store import channel_reconciliation as reconciliation
from schema.costs import assumed
from schema.shape import derived, shape_of


@shape_of(
    reconciliation.Problem,
    "An item that is not pushed to a target any more until something changes.",
)
class TargetProblem:
    """An item that is not pushed any more."""

    sku: ID = strawberry.field(description="The item.")
    external_id: str = strawberry.field(description="Its id over there.")
    wanted: int | None = strawberry.field(description="Whole units that they are to have.")
    theirs: int | None = strawberry.field(description="Units that they said last they have.")
    problem: str = strawberry.field(
        description="Why: `UNKNOWN_THERE` where they do not know the item, else their own code."
    )
    since: datetime = strawberry.field(description="Since when.")


@shape_of(
    reconciliation.Drift,
    "An item of which a target has another quantity than it acknowledged, though nothing was to "
    "be pushed.",
)
class TargetDrift:
    """An item of which a target has another quantity than it acknowledged."""

    sku: ID = strawberry.field(description="The item.")
    external_id: str = strawberry.field(description="Its id over there.")
    wanted: int | None = strawberry.field(description="Whole units that they are to have.")
    theirs: int = strawberry.field(description="Units that they have.")
    since: datetime = strawberry.field(description="Since when that is known.")


@shape_of(
    TargetReport,
    "The other side that the quantities of a channel are pushed to (a sales channel), and how it "
    "stands.",
)
class ChannelTarget:
    """The other side that the quantities of a channel are pushed to."""

    name: ID = derived(lambda one: one.status.target, "Its name in the settings of the hub.")
    problem: str | None = derived(
        lambda one: one.status.problem, "Why nothing can be pushed; null while all is well."
    )
    problem_since: datetime | None = derived(
        lambda one: one.status.problem_since, "Since when nothing can be pushed."
    )
    items: int = derived(lambda one: one.status.items, "How many items are pushed there.")
    pending: int = derived(lambda one: one.status.pending, "How many of them are to be pushed now.")
    pending_since: datetime | None = derived(
        lambda one: one.status.pending_since, "Since when the longest of those has been waiting."
    )
    refused: int = derived(
        lambda one: one.status.refused,
        "How many items they refuse; each is tried again when its quantity changes.",
    )
    unknown_there: int = derived(
        lambda one: one.status.unknown_there,
        "How many items they do not know; each is tried again when they list it.",
    )
    drifted: int = derived(
        lambda one: one.status.drifted,
        "How many items they have another quantity of, though nothing was to be pushed.",
    )
    reconciled: JSON | None = derived(
        lambda one: one.status.report,
        "The newest comparison with all that they list: when it began and ended, and how many "
        "items were listed, compared, drifted, missing, and unknown here.",
    )
    problems: Annotated[
        list[reconciliation.Problem],
        strawberry.field(
            graphql_type=list[TargetProblem],
            description=f"Items that are not pushed any more, the longest first; at most "
            f"{SHOWN_ITEMS}.",
            directives=[assumed(SHOWN_ITEMS)],
        ),
    ]
    drift: Annotated[
        list[reconciliation.Drift],
        strawberry.field(
            graphql_type=list[TargetDrift],
            description=f"Items that have drifted, the longest first; at most {SHOWN_ITEMS}.",
            directives=[assumed(SHOWN_ITEMS)],
        ),
    ]
