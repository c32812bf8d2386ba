"""Subscriptions: the state first, then each newer one."""

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import reservations
from hub.services import watch
from resolvers.alert_queries import AlertSubscriptions
from resolvers.inputs import skus_from
from resolvers.pages import Resumed
from schema.availability import AvailabilityEvent
from schema.context import Info
from schema.costs import sized_by
from schema.reservation import Reservation
from schema.scope import ScopeArgument, scope_of


@strawberry.type(description="What can be watched: the state first, then each newer one.")
class Subscription(AlertSubscriptions):
    """What can be watched."""

    @strawberry.subscription(
        graphql_type=AvailabilityEvent,
        description="The availability of items: a snapshot of all, then those that changed. A "
        "slow reader gets the newest state of each item, not every one in between. All readers of "
        "a channel are told the same: `scope.holder` changes nothing here.",
        directives=[sized_by("skus", "availability")],
    )
    def availability(
        self,
        info: Info,
        skus: Annotated[list[ID], strawberry.argument(description="The items to watch: 1 to 250.")],
        scope: ScopeArgument = None,
        after: Resumed = None,
    ) -> AsyncIterator[watch.AvailabilityEvent]:
        """The availability of items."""
        context = info.context
        return context.services.watch.availability(
            context.principal, skus_from(context, skus), scope_of(scope, context), after
        )

    @strawberry.subscription(
        graphql_type=Reservation,
        description="A reservation as it is, then after each of its changes; ends with its last.",
    )
    def reservation(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="The reservation.")],
    ) -> AsyncIterator[reservations.Reservation]:
        """A reservation and its changes."""
        return info.context.services.watch.reservation(info.context.principal, id)
