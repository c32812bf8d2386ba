"""Supply by people and by configured callers: counts, adjustments, expected and arrived goods."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hub.domain.commands import (
    AdjustStock,
    CancelSupply,
    ChangeSupply,
    Command,
    Condition,
    MarkUnavailable,
    Origin,
    ReceiveSupply,
    ScheduleSupply,
    SetStock,
    StockCommand,
    TransferStock,
)
from hub.domain.decide import Result
from hub.domain.decide_stock import StockChange
from hub.domain.errors import InvalidInput, LimitExceeded
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import MAX_QUANTITY, Quantity, identifier_from, text_from
from hub.services.requests import check_key, origin_of, origin_of_row
from hub.services.stock_writer import StockWriter

MAX_ROWS = 5_000


class Count(NamedTuple):
    """An absolute count of an item at a location.

    A count that says which orders it includes, up to a moment or an order, has them taken off
    already; one that does not counts what lies on the shelf.
    """

    sku: str
    location: str
    on_hand: Quantity
    as_of: datetime | None = None
    unavailable: Quantity | None = None
    if_version: int | None = None
    if_on_hand: Quantity | None = None
    reason: str | None = None
    includes_orders_to: datetime | None = None
    includes_order: str | None = None


class Adjustment(NamedTuple):
    """A change of the units on hand."""

    sku: str
    location: str
    delta: Quantity
    reason: str
    if_version: int | None = None
    if_on_hand: Quantity | None = None


class Receipt(NamedTuple):
    """Units that are expected, or have arrived, on a document."""

    sku: str
    location: str
    quantity: Quantity
    document: str
    eta: datetime | None = None


class Stock:
    """Changes stock through the stock writer."""

    def __init__(self, writer: StockWriter) -> None:
        self._writer = writer

    async def set_stock(
        self, principal: Principal, count: Count, idempotency_key: str | None = None
    ) -> StockChange:
        """Take a count. Raises `VersionConflict` or `StockConflict` when what it was to be
        compared with is no longer true, `UnknownOrder` for a watermark nobody knows."""
        principal.require(AccessScope.STOCK_WRITE)
        origin = origin_of(principal, idempotency_key, "set_stock", count)
        return await self._done(_set(count, origin))

    async def adjust_stock(
        self, principal: Principal, adjustment: Adjustment, idempotency_key: str | None = None
    ) -> StockChange:
        """Add to or take from the units on hand; a reason is required."""
        principal.require(AccessScope.STOCK_WRITE)
        origin = origin_of(principal, idempotency_key, "adjust_stock", adjustment)
        return await self._done(_adjust(adjustment, origin))

    async def change_many(
        self,
        principal: Principal,
        rows: Sequence[Count | Adjustment],
        all_or_nothing: bool = False,
        idempotency_key: str | None = None,
    ) -> list[Result]:
        """Take up to 5,000 counts and adjustments: each for itself, or all of them or none. One
        result a row, in their order: a `StockChange`, or the `HubError` of its refusal."""
        principal.require(AccessScope.STOCK_WRITE)
        check_number_of_rows(rows)
        if idempotency_key is not None:
            check_key(idempotency_key)
        if all_or_nothing:
            keys = {(row.sku, row.location) for row in rows}
            if len(keys) != len(rows) and any(_has_watermark(row) for row in rows):
                problem = "a count that includes orders must be alone at its item and location"
                raise InvalidInput(field="rows", problem=problem)
        commands: list[Command] = []
        for place, row in enumerate(rows):
            origin = origin_of_row(
                principal, idempotency_key, place, "change_many", row, all_or_nothing
            )
            try:
                commands.append(
                    _set(row, origin) if isinstance(row, Count) else _adjust(row, origin)
                )
            except InvalidInput as error:
                raise InvalidInput(
                    field=f"rows[{place}].{error.field}", problem=error.problem
                ) from None
        if all_or_nothing:
            return await self._writer.submit_together(commands)
        return await asyncio.gather(*(self._writer.enqueue(command) for command in commands))

    async def mark_unavailable(
        self,
        principal: Principal,
        sku: str,
        location: str,
        quantity: Quantity,
        condition: Condition,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Take units on hand out of sale, or with a negative quantity back into it."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, location, reason)
        asked = (sku, location, quantity, condition, reason)
        origin = origin_of(principal, idempotency_key, "mark_unavailable", *asked)
        return await self._done(MarkUnavailable(sku, location, quantity, condition, reason, origin))

    async def transfer_stock(
        self,
        principal: Principal,
        sku: str,
        from_location: str,
        to_location: str,
        quantity: Quantity,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Move units that nobody has a claim on. Raises `InsufficientStock`; the answer is the
        position that they left."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, from_location, reason)
        identifier_from(to_location, "toLocation")
        _check_above_zero(quantity)
        asked = (sku, from_location, to_location, quantity, reason)
        origin = origin_of(principal, idempotency_key, "transfer_stock", *asked)
        return await self._done(
            TransferStock(sku, from_location, to_location, quantity, reason, origin)
        )

    async def schedule_supply(
        self, principal: Principal, receipt: Receipt, idempotency_key: str | None = None
    ) -> StockChange:
        """Expect a receipt at its date; told again, it replaces what was expected."""
        principal.require(AccessScope.STOCK_WRITE)
        _check_receipt(receipt)
        sku, location, quantity, document, eta = receipt
        if eta is None:
            raise InvalidInput(field="eta", problem="must say when the goods are expected")
        _check_time(eta, "eta")
        origin = origin_of(principal, idempotency_key, "schedule_supply", receipt)
        return await self._done(ScheduleSupply(sku, location, quantity, eta, document, origin))

    async def change_supply(
        self,
        principal: Principal,
        sku: str,
        location: str,
        document: str,
        quantity: Quantity | None = None,
        eta: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Expect another quantity, or at another date. Raises `UnknownSupply`."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, location)
        identifier_from(document, "document")
        if quantity is not None and not 0 <= quantity <= MAX_QUANTITY:
            raise InvalidInput(field="quantity", problem="must be 0 or more")
        _check_time(eta, "eta")
        asked = (sku, location, document, quantity, eta)
        origin = origin_of(principal, idempotency_key, "change_supply", *asked)
        return await self._done(ChangeSupply(sku, location, quantity, eta, document, origin))

    async def cancel_supply(
        self,
        principal: Principal,
        sku: str,
        location: str,
        document: str,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Expect nothing more of a document. Raises `UnknownSupply`."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, location)
        identifier_from(document, "document")
        origin = origin_of(principal, idempotency_key, "cancel_supply", sku, location, document)
        return await self._done(CancelSupply(sku, location, document, origin))

    async def receive_supply(
        self, principal: Principal, receipt: Receipt, idempotency_key: str | None = None
    ) -> StockChange:
        """Put arrived units on hand and take them off what their document still promises."""
        principal.require(AccessScope.STOCK_WRITE)
        _check_receipt(receipt)
        origin = origin_of(principal, idempotency_key, "receive_supply", receipt)
        sku, location, quantity, document, _ = receipt
        return await self._done(ReceiveSupply(sku, location, quantity, document, origin))

    async def _done(self, command: StockCommand) -> StockChange:
        change: StockChange = await self._writer.submit(command)
        return change


def check_number_of_rows(rows: Sequence[object]) -> None:
    """Raise `LimitExceeded` unless they are as many as are taken at once."""
    if not 1 <= len(rows) <= MAX_ROWS:
        raise LimitExceeded(what="The number of rows", limit=MAX_ROWS, actual=len(rows))


def _set(count: Count, origin: Origin) -> SetStock:
    _check(count.sku, count.location, count.reason)
    if count.unavailable is not None and count.unavailable < 0:
        raise InvalidInput(field="unavailable", problem="must not be negative")
    _check_time(count.as_of, "asOf")
    _check_time(count.includes_orders_to, "includesOrdersTo")
    if count.includes_order is not None:
        identifier_from(count.includes_order, "includesOrder")
        if count.includes_orders_to is not None:
            problem = "names a moment and an order: one watermark is enough"
            raise InvalidInput(field="includesOrder", problem=problem)
    c = count
    return SetStock(c.sku, c.location, c.on_hand, origin, c.as_of, c.unavailable, c.if_version,
                    c.if_on_hand, c.reason, c.includes_orders_to, c.includes_order)  # fmt: skip


def _adjust(adjustment: Adjustment, origin: Origin) -> AdjustStock:
    sku, location, delta, reason, if_version, if_on_hand = adjustment
    _check(sku, location)
    text_from(reason, "reason")
    return AdjustStock(sku, location, delta, reason, origin, if_version, if_on_hand)


def _has_watermark(row: Count | Adjustment) -> bool:
    return isinstance(row, Count) and bool(row.includes_order or row.includes_orders_to)


def _check(sku: str, location: str, reason: str | None = None) -> None:
    identifier_from(sku, "sku")
    identifier_from(location, "location")
    if reason is not None:
        text_from(reason, "reason")


def _check_time(time: datetime | None, field: str) -> None:
    if time is not None and time.tzinfo is None:
        raise InvalidInput(field=field, problem="must carry its offset, such as Z")


def _check_above_zero(quantity: Quantity) -> None:
    if not 0 < quantity <= MAX_QUANTITY:
        raise InvalidInput(field="quantity", problem="must be above 0")


def _check_receipt(receipt: Receipt) -> None:
    _check(receipt.sku, receipt.location)
    identifier_from(receipt.document, "document")
    _check_above_zero(receipt.quantity)
