"""A history that has an entry of every kind in it."""

import asyncio
from datetime import timedelta

from hub.bootstrap import Services
from hub.domain.commands import (
    CancelOrder,
    Condition,
    OrderLine,
    Origin,
    PlaceOrder,
    ReturnOrder,
    ShipOrder,
)
from hub.domain.policies import Policy
from hub.domain.values import UNIT, Line
from hub.services.ids import uuid7
from hub.services.stock import Adjustment, Receipt
from tests.integration.shop import BUYER, CLERK, count, let_holds_lapse, reserve
from workers.expiry import Expiry

SHOP = Origin("shop")
EVERY_KIND = {
    "RECEIVED", "SHIPPED", "RETURNED", "ADJUSTED", "COUNTED", "TRANSFERRED", "MARKED", "ALLOCATED",
    "DEALLOCATED", "RESERVED", "RELEASED", "EXPIRED", "BACKORDERED", "FILLED", "SUPPLY_SCHEDULED",
    "SUPPLY_CANCELLED",
}  # fmt: skip
"""All but corrections, which a sound ledger does not need."""


async def make_history(services: Services, database_url: str) -> None:
    """Let everything happen that can happen; some of it in batches of many entries."""
    await services.catalogue.put_policies(
        CLERK, {("item", "B-1"): Policy(backorder_limit=9 * UNIT)}
    )
    for sku in ("A-1", "A-2", "B-1"):
        await count(services, sku, 40)
    stock = services.stock
    await stock.adjust_stock(CLERK, Adjustment("A-1", "BER", -UNIT, "found broken — “glass”"))
    await stock.mark_unavailable(CLERK, "A-1", "BER", 2 * UNIT, Condition.DAMAGED)
    await stock.transfer_stock(CLERK, "A-1", "BER", "AMS", 5 * UNIT)
    await asyncio.gather(*(reserve(services, {"A-1": 1, "A-2": 1}) for _ in range(5)))
    await _supply(services)
    await _holds(services, database_url)
    await _orders(services)


async def _supply(services: Services) -> None:
    eta = services.clock.now() + timedelta(days=3)
    stock = services.stock
    for document in ("PO-1", "PO-2"):
        await stock.schedule_supply(CLERK, Receipt("A-1", "BER", 7 * UNIT, document, eta))
    await stock.change_supply(CLERK, "A-1", "BER", "PO-1", 6 * UNIT)
    await stock.receive_supply(CLERK, Receipt("A-1", "BER", 2 * UNIT, "PO-1"))
    await stock.cancel_supply(CLERK, "A-1", "BER", "PO-2")
    waiting = await reserve(services, {"B-1": 44})
    await services.reservations.commit(BUYER, waiting.id, "ORDER-B")
    await stock.schedule_supply(CLERK, Receipt("B-1", "BER", 3 * UNIT, "PO-3", eta))
    await stock.receive_supply(CLERK, Receipt("B-1", "BER", 3 * UNIT, "PO-3"))


async def _holds(services: Services, database_url: str) -> None:
    reservations = services.reservations
    await let_holds_lapse(database_url)
    await Expiry(services).sweep()
    await reserve(services, {"A-2": 3})
    released = await reserve(services, {"A-2": 2}, holder="ann")
    await reservations.release(BUYER, released.id, "changed her mind")
    changed = await reserve(services, {"A-2": 2})
    await reservations.change(BUYER, changed.id, [Line("A-2", 4 * UNIT), Line("A-1", 1 * UNIT)])
    await reservations.extend(BUYER, changed.id, 900)
    partly = await reserve(services, {"A-2": 3, "A-1": 2})
    await reservations.commit(BUYER, partly.id, "ORDER-P", lines=[Line("A-2", 2 * UNIT)])
    await reservations.fulfil(BUYER, partly.id, [Line("A-2", 1 * UNIT)])
    await reservations.give_back(BUYER, partly.id, [Line("A-2", 1 * UNIT)])
    cancelled = await reserve(services, {"A-1": 1})
    await reservations.commit(BUYER, cancelled.id, "ORDER-C")
    await reservations.cancel(BUYER, cancelled.id)
    moved = await reserve(services, {"A-1": 1})
    await reservations.transfer(BUYER, moved.id, "BER", "AMS")


async def _orders(services: Services) -> None:
    submit = services.writer.submit
    held = await reserve(services, {"A-2": 2})
    lines = (OrderLine("A-2", UNIT, held.id), OrderLine("A-1", 3 * UNIT))
    await submit(PlaceOrder("ORDER-1", "web", lines, uuid7(), SHOP))
    elsewhere = (OrderLine("A-1", 2 * UNIT, location="AMS"),)
    await submit(ShipOrder("ORDER-1", elsewhere, SHOP))
    await submit(ReturnOrder("ORDER-1", (OrderLine("A-1", UNIT, location="BER"),), SHOP))
    await submit(CancelOrder("ORDER-1", (OrderLine("A-1", UNIT),), SHOP))
    await submit(ShipOrder("ORDER-1", None, SHOP))
    redeemed = await reserve(services, {"A-2": 1})
    other = (OrderLine("A-1", UNIT, redeemed.id),)
    await submit(PlaceOrder("ORDER-2", "web", other, uuid7(), SHOP))
