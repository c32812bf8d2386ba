"""What the mutations of alerts and notices give back."""

from typing import Annotated

import strawberry

from hub.domain import alerts, notices
from schema.alerts import Alert
from schema.errors import (
    AlertNotFound,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidInput,
    NoticeLimitReached,
    NoticeNotFound,
    UnknownChannel,
    UnknownSku,
)
from schema.notices import Notice

NoticeValue = Annotated[
    notices.Notice,
    strawberry.field(graphql_type=Notice, description="The notice as it is now."),
]


@strawberry.type(description="It is noted who has seen the alert first.")
class AcknowledgeAlertSuccess:
    """It is noted who has seen the alert first."""

    alert: Annotated[
        alerts.Alert, strawberry.field(graphql_type=Alert, description="The alert as it is now.")
    ]


@strawberry.type(description="The shopper stands in the line.")
class NotifyWhenBackSuccess:
    """The shopper stands in the line."""

    notice: NoticeValue


@strawberry.type(description="The shopper is in the line no longer, or was told before.")
class CancelNoticeSuccess:
    """The shopper is in the line no longer, or was told before."""

    notice: NoticeValue


_Refused = InvalidInput | IdempotencyMismatch | IdempotencyInProgress

AcknowledgeAlertResult = Annotated[
    AcknowledgeAlertSuccess | AlertNotFound | _Refused,
    strawberry.union("AcknowledgeAlertResult", description="What became of `acknowledgeAlert`."),
]
NotifyWhenBackResult = Annotated[
    NotifyWhenBackSuccess | UnknownSku | UnknownChannel | NoticeLimitReached | _Refused,
    strawberry.union("NotifyWhenBackResult", description="What became of `notifyWhenBack`."),
]
CancelNoticeResult = Annotated[
    CancelNoticeSuccess | NoticeNotFound | _Refused,
    strawberry.union("CancelNoticeResult", description="What became of `cancelNotice`."),
]
