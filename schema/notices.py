"""Notices: who wants to hear once that an item is back."""

from datetime import datetime

import strawberry
from strawberry import ID

from hub.domain import notices
from schema.enums import NoticeState
from schema.idempotency import idempotency_key
from schema.scalars import ONE, Quantity
from schema.shape import shape_of


@shape_of(
    notices.Notice,
    "A wish to hear once that units of an item can be had again (back in stock). The hub tells "
    "your system, by an event with your reference in it, and that tells the shopper.",
)
class Notice:
    """A wish to hear once that units of an item can be had again."""

    id: ID = strawberry.field(description="What identifies it, and what it is cancelled by.")
    state: NoticeState = strawberry.field(description="What became of it.")
    sku: ID = strawberry.field(description="The item.")
    channel: ID = strawberry.field(description="The channel in which it shall be back.")
    quantity: Quantity = strawberry.field(description="Units that are wanted.")
    reference: ID = strawberry.field(description="What your system knows the shopper by.")
    created_at: datetime = strawberry.field(description="Since when it is waited for.")
    told_at: datetime | None = strawberry.field(description="When notice was given.")
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled.")


@strawberry.input(description="What to give notice of, and to whom.")
class NotifyWhenBackInput:
    """What to give notice of, and to whom."""

    sku: ID = strawberry.field(description="The item, or the kit.")
    reference: ID = strawberry.field(
        description="What your system knows the shopper by: 1 to 64 characters that mean nothing "
        "to anybody else. An address is refused: nothing personal is kept here. Who waits for the "
        "item under the same reference already goes on waiting in his place."
    )
    channel: ID | None = strawberry.field(
        default=None, description="The channel; the default one if missing."
    )
    quantity: Quantity = strawberry.field(
        default=ONE, description="Units that must be there to be worth the notice, above 0."
    )
    holder: ID | None = strawberry.field(
        default=None,
        description="Whose notice it is: one holder may wait for only so many.",
    )
    address: str | None = strawberry.field(
        default=None,
        description="The network address of the shopper, as your shop sees it: one address may "
        "wait for only so many notices. It is never shown again. For callers without a token, the "
        "one they ask from counts, and not this.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A notice that is no longer wanted.")
class CancelNoticeInput:
    """A notice that is no longer wanted."""

    id: ID = strawberry.field(description="The notice.")
    idempotency_key: str | None = idempotency_key()
