"""Supply by people and by configured callers: counts, adjustments, expected and arrived goods."""

from datetime import datetime

from hub.domain.commands import AdjustStock, ReceiveSupply, ScheduleSupply, SetStock
from hub.domain.decide_stock import StockChange
from hub.domain.errors import InvalidInput
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import Quantity, identifier_from, text_from
from hub.services.requests import origin_of
from hub.services.stock_writer import StockWriter


class Stock:
    """Changes stock through the stock writer."""

    def __init__(self, writer: StockWriter) -> None:
        self._writer = writer

    async def set_stock(
        self,
        principal: Principal,
        sku: str,
        location: str,
        on_hand: Quantity,
        as_of: datetime | None = None,
        unavailable: Quantity | None = None,
        if_version: int | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Take an absolute count. Raises `VersionConflict` when `if_version` is no longer true."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, location)
        if unavailable is not None and unavailable < 0:
            raise InvalidInput(field="unavailable", problem="must not be negative")
        if as_of is not None and as_of.tzinfo is None:
            raise InvalidInput(field="asOf", problem="must carry its offset, such as Z")
        if reason is not None:
            text_from(reason, "reason")
        asked = (sku, location, on_hand, as_of, unavailable, if_version, reason)
        origin = origin_of(principal, idempotency_key, "set_stock", *asked)
        change: StockChange = await self._writer.submit(
            SetStock(sku, location, on_hand, origin, as_of, unavailable, if_version, reason)
        )
        return change

    async def adjust_stock(
        self,
        principal: Principal,
        sku: str,
        location: str,
        delta: Quantity,
        reason: str,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Add to or take from the units on hand; a reason is required."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, location)
        text_from(reason, "reason")
        origin = origin_of(principal, idempotency_key, "adjust_stock", sku, location, delta, reason)
        change: StockChange = await self._writer.submit(
            AdjustStock(sku, location, delta, reason, origin)
        )
        return change

    async def schedule_supply(
        self,
        principal: Principal,
        sku: str,
        location: str,
        quantity: Quantity,
        eta: datetime,
        document: str,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Expect `quantity` units on `document`; told again, it replaces what was expected."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, location)
        _check_receipt(quantity, document)
        origin = origin_of(
            principal, idempotency_key, "schedule_supply", sku, location, quantity, eta, document
        )
        change: StockChange = await self._writer.submit(
            ScheduleSupply(sku, location, quantity, eta, document, origin)
        )
        return change

    async def receive_supply(
        self,
        principal: Principal,
        sku: str,
        location: str,
        quantity: Quantity,
        document: str,
        idempotency_key: str | None = None,
    ) -> StockChange:
        """Put arrived units on hand and take them off what `document` still promises."""
        principal.require(AccessScope.STOCK_WRITE)
        _check(sku, location)
        _check_receipt(quantity, document)
        origin = origin_of(
            principal, idempotency_key, "receive_supply", sku, location, quantity, document
        )
        change: StockChange = await self._writer.submit(
            ReceiveSupply(sku, location, quantity, document, origin)
        )
        return change


def _check(sku: str, location: str) -> None:
    identifier_from(sku, "sku")
    identifier_from(location, "location")


def _check_receipt(quantity: Quantity, document: str) -> None:
    identifier_from(document, "document")
    if quantity <= 0:
        raise InvalidInput(field="quantity", problem="must be above 0")
