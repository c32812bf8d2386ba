"""What can be refused, and why: one class an error, each with a stable code and the data to act on.

The docstring of a class is its message; `{names}` in it are filled from the error's own data. An
error never carries a transport's status: each edge maps codes in one table of its own.
"""

import inspect
from decimal import Decimal
from typing import Any, ClassVar


class HubError(Exception):
    """The hub refused the request."""

    code: ClassVar[str] = "HUB_ERROR"

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """One sentence in English for developers; clients show text by `code` and `data`."""
        template = inspect.cleandoc(type(self).__doc__ or "").replace("\n", " ")
        return template.format_map(self._shown())

    def _shown(self) -> dict[str, Any]:
        return self.data

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.data == getattr(other, "data", None)

    def __hash__(self) -> int:
        return hash((self.code, self.message))


class InvalidInput(HubError):
    """{field}: {problem}."""

    code = "INVALID_INPUT"


class UnknownSku(HubError):
    """No item has this sku: {listed}. Check the spelling; skus are case-sensitive."""

    code = "UNKNOWN_SKU"

    def _shown(self) -> dict[str, Any]:
        return {"listed": ", ".join(self.data["skus"])}


class UnknownLocation(HubError):
    """No location has the id {location}."""

    code = "UNKNOWN_LOCATION"


class UnknownChannel(HubError):
    """No channel has the id {channel}."""

    code = "UNKNOWN_CHANNEL"


class UnknownOrder(HubError):
    """No order {order} is known to the ledger, so it cannot be {verb}."""

    code = "UNKNOWN_ORDER"


class OrderLineMismatch(HubError):
    """Order {order} has {possible} of {sku} left that can be {verb}, not {asked}."""

    code = "ORDER_LINE_MISMATCH"


class InsufficientStock(HubError):
    """Not enough stock: {listed}."""

    code = "INSUFFICIENT_STOCK"

    def _shown(self) -> dict[str, Any]:
        # Lines hold thousandths; the text shows units, all their digits.
        return {
            "listed": "; ".join(
                f"{_left(line)} left of {line['sku']}, "
                f"you asked for {Decimal(line['requested']) / 1000:f}"
                for line in self.data["lines"]
            )
        }


def _left(line: dict[str, Any]) -> str:
    # Who is told bands is told one here, too.
    return str(line.get("band") or f"{Decimal(line['available']) / 1000:f}")


class HoldLimitReached(HubError):
    """This {what} has {limit} live holds, which is as many as one may have: release one first."""

    code = "HOLD_LIMIT_REACHED"


class FeedLimitReached(HubError):
    """You have {limit} feeds open, which is as many as one may have: close one first, or read more
    items by one feed."""

    code = "FEED_LIMIT_REACHED"


class AlertNotFound(HubError):
    """No alert has the id {id}."""

    code = "ALERT_NOT_FOUND"


class DeadLetterNotFound(HubError):
    """No dead letter has the id {id}."""

    code = "DEAD_LETTER_NOT_FOUND"


class DeadLetterSettled(HubError):
    """The event {id} is {state} by now and no dead letter any more: look at its history."""

    code = "DEAD_LETTER_SETTLED"


class SnapshotNotFound(HubError):
    """No snapshot has the id {id}."""

    code = "SNAPSHOT_NOT_FOUND"


class SnapshotNotQuarantined(HubError):
    """Snapshot {id} is {state}: only what is QUARANTINED can be approved or rejected."""

    code = "SNAPSHOT_NOT_QUARANTINED"


class SnapshotInProgress(HubError):
    """Snapshot {name} of {source} is being taken in by another process: ask again soon."""

    code = "SNAPSHOT_IN_PROGRESS"


class ReconciliationNotFound(HubError):
    """No comparison has the id {id}."""

    code = "RECONCILIATION_NOT_FOUND"


class UploadNotFound(HubError):
    """No upload that you may see has the id {id}."""

    code = "UPLOAD_NOT_FOUND"


class NoticeNotFound(HubError):
    """No notice has the id {id}."""

    code = "NOTICE_NOT_FOUND"


class NoticeLimitReached(HubError):
    """This {what} waits for {limit} notices, which is as many as one may: cancel one first."""

    code = "NOTICE_LIMIT_REACHED"


class ReservationLineMismatch(HubError):
    """Reservation {id} has {possible} of {sku} that can be {verb}, not {asked}."""

    code = "RESERVATION_LINE_MISMATCH"


class UnknownSupply(HubError):
    """Nothing is expected of {sku} at {location} on the document {document}."""

    code = "UNKNOWN_SUPPLY"


class StockConflict(HubError):
    """There are {actual} on hand, not {expected}: read the position again, then decide."""

    code = "STOCK_CONFLICT"


class IsKit(HubError):
    """{sku} is a kit and has no stock of its own: change that of its components {listed}."""

    code = "IS_KIT"

    def _shown(self) -> dict[str, Any]:
        return {**self.data, "listed": ", ".join(self.data["components"])}


class NotApplied(HubError):
    """Another row of the same all-or-nothing request was refused, so this one was not applied."""

    code = "NOT_APPLIED"


class IdempotencyInProgress(HubError):
    """A request with the idempotency key {key} is under way: ask again in a moment."""

    code = "IDEMPOTENCY_IN_PROGRESS"


class ReservationNotFound(HubError):
    """No reservation has the id {id}."""

    code = "RESERVATION_NOT_FOUND"


class WebhookNotFound(HubError):
    """You have no webhook with the id {id}."""

    code = "WEBHOOK_NOT_FOUND"


class DeliveryNotFound(HubError):
    """None of your webhooks has a delivery with the id {id}."""

    code = "DELIVERY_NOT_FOUND"


class WebhookDisabled(HubError):
    """The webhook {id} is disabled, so nothing is sent to it: enable it first."""

    code = "WEBHOOK_DISABLED"


class ReservationEnded(HubError):
    """Reservation {id} is {state} and can no longer be {verb}."""

    code = "RESERVATION_ENDED"


class ReservationChanged(HubError):
    """Reservation {id} is at version {actual}, not {expected}: read it again, then decide."""

    code = "RESERVATION_CHANGED"


class VersionConflict(HubError):
    """The position is at version {actual}, not {expected}: read it again, then decide."""

    code = "VERSION_CONFLICT"


class IdempotencyMismatch(HubError):
    """The idempotency key {key} was used before with another input: take a new key."""

    code = "IDEMPOTENCY_MISMATCH"


class EventMismatch(HubError):
    """Event {event_id} of {source} is already stored with another payload: send a new id."""

    code = "EVENT_MISMATCH"


class SourceNotFound(HubError):
    """No source has the name {name}."""

    code = "SOURCE_NOT_FOUND"


class SourceChanged(HubError):
    """The source {name} is at version {actual}, not {expected}: read it again, then decide."""

    code = "SOURCE_CHANGED"


class SenderUnproven(HubError):
    """Nothing proves that the request comes from {source}: sign its bytes as they are sent, with a
    secret that the hub has, at the time it is."""

    code = "SENDER_UNPROVEN"


class DeliveryRefused(HubError):
    """Nothing of delivery {delivery} could be taken: {problem}."""

    code = "DELIVERY_REFUSED"


class Unauthenticated(HubError):
    """The request carries no valid credentials: send `Authorization: Bearer <token>`."""

    code = "UNAUTHENTICATED"


class Forbidden(HubError):
    """This needs the scope {scope}, which the principal {principal} does not have."""

    code = "FORBIDDEN"


class LimitExceeded(HubError):
    """{what} is limited to {limit}, this has {actual}."""

    code = "LIMIT_EXCEEDED"


class OperationTimedOut(LimitExceeded):
    """{what} is limited to {limit}, so it was stopped. A mutation may have taken effect all the
    same: try again with the same idempotency key."""


class UnknownDocument(HubError):
    """No document has the id {id}: ask the hub's operator to add the manifest it is in."""

    code = "UNKNOWN_DOCUMENT"


class UntrustedDocument(HubError):
    """The hub answers trusted documents only, and this is none of them: send the id of one."""

    code = "UNTRUSTED_DOCUMENT"


class PersistedQueryNotFound(HubError):
    """PersistedQueryNotFound"""

    # The message is Apollo's: clients look at it to send the whole document next.
    code = "PERSISTED_QUERY_NOT_FOUND"


class PersistedQueryMismatch(HubError):
    """The sha256Hash is not that of the query, which is {actual}."""

    code = "PERSISTED_QUERY_MISMATCH"


class Unavailable(HubError):
    """The database does not answer at the moment: nothing was changed that you were told of;
    try again with the same idempotency key."""

    code = "UNAVAILABLE"


class TablesFromBefore(Unavailable):
    """The database holds tables of an early development version of the hub, which this one does
    not read: name another one by DATABASE_URL, or another folder by HUB_DATA_DIR."""


def every_error() -> list[type[HubError]]:
    """All error classes: what each edge must map."""
    return HubError.__subclasses__()


def error_from(code: str, data: dict[str, Any]) -> HubError:
    """The error that was stored as `code` and `data`."""
    by_code = {error.code: error for error in every_error()}
    return by_code[code](**data)
