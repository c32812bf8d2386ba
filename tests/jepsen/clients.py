"""What each kind of client does until the market closes: shoppers and their rivals hold and end
reservations, clerks change stock, senders hand in events."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from random import Random
from typing import Any

from hub.domain.values import UNIT
from tests.jepsen.caller import Caller
from tests.jepsen.history import (
    AdjustStock,
    Commit,
    Extend,
    Look,
    Operation,
    Release,
    Reserve,
    Send,
    SetStock,
)
from tests.jepsen.market import (
    CHANNEL,
    COUNTED,
    ITEMS,
    LOCATIONS,
    OPENING,
    ORDERED,
    SCARCE,
    Challenge,
    Market,
    PlacedOrder,
)

SHOPPERS, RIVALS, CLERKS, SENDERS = 7, 3, 2, 4
"""Sixteen clients."""

THINK_SECONDS = (0.0, 0.08)
TTL_SECONDS = (1, 1, 2, 3, 30)
KEPT_TTL_SECONDS = 3600
CHALLENGE_AHEAD_SECONDS = 0.05
AROUND_THE_END_SECONDS = (-0.06, 0.03)


async def shop(caller: Caller, market: Market) -> None:
    """Hold one or two items, then do with the hold what shoppers do."""
    rng = caller.rng
    fates: list[tuple[int, Callable[[Caller, Market, Operation], Coroutine[Any, Any, None]]]] = [
        (20, _release),
        (20, _commit),
        (10, _extend_and_commit),
        (15, _forget),
        (20, _challenge),
        (12, _commit_around_the_end),
        (3, _look),
    ]
    while not market.stop.is_set():
        await _think(rng)
        skus = rng.sample(ITEMS, rng.choice((1, 1, 2)))
        if rng.random() < 0.6:
            skus = [rng.choice(SCARCE), *skus]
        lines = {sku: rng.randint(1, 3) * UNIT for sku in skus}
        ttl = KEPT_TTL_SECONDS if rng.random() < 0.02 else rng.choice(TTL_SECONDS)
        held = await caller.ask(Reserve(lines, ttl))
        if held.ok:
            [fate] = rng.choices([fate for _, fate in fates], [weight for weight, _ in fates])
            await fate(caller, market, held)


async def rival(caller: Caller, market: Market) -> None:
    """Try to end holds of others at the very moment at which they do."""
    while not (market.stop.is_set() and market.challenges.empty()):
        try:
            challenge = await asyncio.wait_for(market.challenges.get(), 0.2)
        except TimeoutError:
            continue
        await _at(challenge.at)
        await _end(caller, market, challenge.reservation, None)
        await caller.ask(Look(challenge.reservation))


async def keep_stock(caller: Caller, market: Market) -> None:
    """Restock what is scarce; count and adjust the rest."""
    rng = caller.rng
    while not market.stop.is_set():
        await _think(rng)
        location = rng.choice(LOCATIONS)
        roll = rng.random()
        if roll < 0.3:
            delta = rng.randint(1, 3) * UNIT
            await caller.ask(AdjustStock(rng.choice(SCARCE), location, delta))
        elif roll < 0.75:
            delta = rng.choice((-5, -3, -1, 2, 3, 5)) * UNIT
            await caller.ask(AdjustStock(rng.choice(COUNTED), location, delta))
        else:
            sku = rng.choice(COUNTED)
            await caller.ask(SetStock(sku, location, rng.randint(20, 300) * UNIT))


async def send_events(caller: Caller, market: Market) -> None:
    """Tell of orders and stock as shops and tills do: some events twice, some of no known order."""
    rng = caller.rng
    source = f"shop-{caller.name}"
    while not market.stop.is_set():
        await _think(rng)
        roll = rng.random()
        if roll < 0.4:
            await _place(caller, market, source)
        elif roll < 0.7 and market.open_orders:
            await _settle(caller, market, source)
        elif roll < 0.98:
            sku, location = rng.choice(ORDERED + COUNTED), rng.choice(LOCATIONS)
            delta = rng.choice((-3, -2, 2, 4))
            data = {"sku": sku, "location": location, "delta": delta, "reason": "told so"}
            await _send(caller, Send(source, "stock.adjusted", {sku: delta * UNIT}, data))
        else:
            order = caller.new_name("unknown")
            await _send(caller, Send(source, "order.shipped", None, {"order": order}, order))


async def open_stock(caller: Caller) -> None:
    """The first counts."""
    for sku, units in OPENING.items():
        for location in LOCATIONS:
            await caller.ask(SetStock(sku, location, units))


async def _release(caller: Caller, market: Market, held: Operation) -> None:
    await caller.ask(Release(held.reservation["id"]))


async def _commit(caller: Caller, market: Market, held: Operation) -> None:
    await _end(caller, market, held.reservation["id"], held)


async def _extend_and_commit(caller: Caller, market: Market, held: Operation) -> None:
    id = held.reservation["id"]
    await caller.ask(Extend(id, caller.rng.choice((1, 2, 4))))
    if caller.rng.random() < 0.5:
        await _commit(caller, market, held)


async def _forget(caller: Caller, market: Market, held: Operation) -> None:
    """It ends by itself."""


async def _look(caller: Caller, market: Market, held: Operation) -> None:
    await caller.ask(Look(held.reservation["id"]))


async def _challenge(caller: Caller, market: Market, held: Operation) -> None:
    """End it at the same moment as a rival, and look afterwards."""
    id = held.reservation["id"]
    at = asyncio.get_running_loop().time() + CHALLENGE_AHEAD_SECONDS
    market.challenges.put_nowait(Challenge(id, at))
    await _at(at)
    await _end(caller, market, id, held)
    await caller.ask(Look(id))


async def _commit_around_the_end(caller: Caller, market: Market, held: Operation) -> None:
    """Commit when the hold is about to end, or a moment after."""
    end = datetime.fromisoformat(held.reservation["expiresAt"])
    left = (end - datetime.now(UTC)).total_seconds()
    if left < max(TTL_SECONDS[:-1]):
        await asyncio.sleep(max(0.0, left + caller.rng.uniform(*AROUND_THE_END_SECONDS)))
    await _commit(caller, market, held)
    await caller.ask(Look(held.reservation["id"]))


async def _end(caller: Caller, market: Market, id: str, held: Operation | None) -> None:
    """Commit or, where it is another's hold, perhaps release. Who commits his own tells the senders
    what to ship."""
    if held is None and caller.rng.random() < 0.6:
        await caller.ask(Release(id))
        return
    order = caller.new_name("order")
    committed = await caller.ask(Commit(id, order))
    if committed.ok and held is not None:
        assert isinstance(held.asked, Reserve)
        market.open_orders.append(PlacedOrder(order, held.asked.lines, by_event=False))


async def _place(caller: Caller, market: Market, source: str) -> None:
    rng = caller.rng
    order = caller.new_name("order")
    units = {sku: rng.randint(1, 3) * UNIT for sku in rng.sample(ORDERED, rng.choice((1, 2)))}
    lines = [{"sku": sku, "quantity": quantity // UNIT} for sku, quantity in units.items()]
    data = {"order": order, "channel": CHANNEL, "lines": lines}
    await _send(caller, Send(source, "order.placed", units, data, order))
    market.open_orders.append(PlacedOrder(order, units, by_event=True))


async def _settle(caller: Caller, market: Market, source: str) -> None:
    """Ship the order that waits longest; cancel some. What was sold here is never cancelled, so
    that it counts as sold for good."""
    placed = market.open_orders.popleft()
    cancelled = placed.by_event and caller.rng.random() < 0.3
    type = "order.cancelled" if cancelled else "order.shipped"
    await _send(caller, Send(source, type, placed.units, {"order": placed.order}, placed.order))


async def _send(caller: Caller, event: Send) -> None:
    sent = await caller.ask(event)
    assert sent.ok, sent


async def _at(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


async def _think(rng: Random) -> None:
    await asyncio.sleep(rng.uniform(*THINK_SECONDS))


WORK: dict[str, tuple[int, Callable[[Caller, Market], Coroutine[Any, Any, None]]]] = {
    "shopper": (SHOPPERS, shop),
    "rival": (RIVALS, rival),
    "clerk": (CLERKS, keep_stock),
    "sender": (SENDERS, send_events),
}
