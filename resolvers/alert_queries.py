"""Alerts: asked for, watched and acknowledged; and notices that an item is back."""

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain.values import identifier_from
from hub.services import alert_watch
from hub.services.alerts import Sought
from resolvers.inputs import asked_quantity
from resolvers.pages import After, First, Resumed
from schema.alert_results import (
    AcknowledgeAlertResult,
    AcknowledgeAlertSuccess,
    CancelNoticeResult,
    CancelNoticeSuccess,
    NotifyWhenBackResult,
    NotifyWhenBackSuccess,
)
from schema.alerts import AcknowledgeAlertInput, AlertConnection, AlertEvent, AlertFilter
from schema.context import Info
from schema.costs import PAGE
from schema.enums import AlertState
from schema.notices import CancelNoticeInput, NotifyWhenBackInput

FilterArgument = Annotated[
    AlertFilter | None,
    strawberry.argument(name="filter", description="Which alerts; all if missing."),
]


@strawberry.type(description="What can be asked of alerts.")
class AlertQueries:
    """What can be asked of alerts."""

    @strawberry.field(
        description="What is the matter with stock, the newest alert first. Needs the scope "
        "`alerts:read`.",
        directives=[PAGE],
    )
    async def alerts(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        where: FilterArgument = None,
        state: Annotated[
            AlertState | None,
            strawberry.argument(description="How far one has come with them; any if missing."),
        ] = None,
    ) -> AlertConnection:
        """What is the matter with stock."""
        context = info.context
        sought = _sought(where)._replace(
            unresolved=None if state is None else state is not AlertState.RESOLVED,
            acknowledged=None if state is None else _ACKNOWLEDGED.get(state),
        )
        page = await context.services.alerts.page(context.principal, sought, first, after)
        return AlertConnection.of(page, after)


@strawberry.type(description="What can be done with alerts and notices.")
class AlertMutations:
    """What can be done with alerts and notices."""

    @strawberry.mutation(
        graphql_type=AcknowledgeAlertResult,
        description="Say that one has seen an alert. Needs the scope `alerts:write`.",
    )
    async def acknowledge_alert(
        self,
        info: Info,
        given: Annotated[
            AcknowledgeAlertInput, strawberry.argument(name="input", description="Which alert.")
        ],
    ) -> AcknowledgeAlertSuccess:
        """Say that one has seen an alert."""
        context = info.context
        alert = await context.services.alerts.acknowledge(
            context.principal, given.id, given.idempotency_key
        )
        return AcknowledgeAlertSuccess(alert=alert)

    @strawberry.mutation(
        graphql_type=NotifyWhenBackResult,
        description="Ask to hear once that an item can be had again. Notice is given in the order "
        "in which it was asked for, to as many as there is enough for. Needs the scope "
        "`notices:write`, which shoppers have.",
    )
    async def notify_when_back(
        self,
        info: Info,
        given: Annotated[
            NotifyWhenBackInput,
            strawberry.argument(name="input", description="What to give notice of."),
        ],
    ) -> NotifyWhenBackSuccess:
        """Ask to hear once that an item can be had again."""
        context = info.context
        notice = await context.services.notices.ask(
            context.principal,
            identifier_from(given.sku, "sku"),
            given.reference,
            given.channel,
            asked_quantity(given.quantity),
            given.holder,
            given.address,
            given.idempotency_key,
        )
        return NotifyWhenBackSuccess(notice=notice)

    @strawberry.mutation(
        graphql_type=CancelNoticeResult,
        description="Wait no longer for an item. Needs the scope `notices:write`.",
    )
    async def cancel_notice(
        self,
        info: Info,
        given: Annotated[
            CancelNoticeInput, strawberry.argument(name="input", description="Which notice.")
        ],
    ) -> CancelNoticeSuccess:
        """Wait no longer for an item."""
        context = info.context
        notice = await context.services.notices.cancel(
            context.principal, given.id, given.idempotency_key
        )
        return CancelNoticeSuccess(notice=notice)


@strawberry.type(description="What can be watched of alerts.")
class AlertSubscriptions:
    """What can be watched of alerts."""

    @strawberry.subscription(
        graphql_type=AlertEvent,
        description="What is the matter with stock: the alerts that are not resolved, then each "
        "that opens, is acknowledged or resolved. Needs the scope `alerts:read`.",
    )
    def alerts(
        self,
        info: Info,
        where: FilterArgument = None,
        after: Resumed = None,
    ) -> AsyncIterator[alert_watch.AlertEvent]:
        """What is the matter with stock."""
        context = info.context
        return context.services.alert_watch.alerts(context.principal, _sought(where), after)


_ACKNOWLEDGED = {AlertState.OPEN: False, AlertState.ACKNOWLEDGED: True}


def _sought(where: AlertFilter | None) -> Sought:
    if where is None:
        return Sought()
    return Sought(
        None if where.condition is None else tuple(where.condition),
        _id(where.sku, "filter.sku"),
        _id(where.channel, "filter.channel"),
        _id(where.location, "filter.location"),
    )


def _id(given: ID | None, field: str) -> str | None:
    return None if given is None else identifier_from(given, field)
