"""Many items asked for at once are answered as each of them alone, after any history."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.errors import HubError, InsufficientStock
from hub.domain.policies import GLOBAL, Policy
from hub.domain.values import UNIT, Line, Scope
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Adjustment, Count, Receipt
from tests.integration.shop import BUYER, CLERK, SKUS, broken_rules, reserve

KIT = "SET"


async def let_happen(services: Services, chance: random.Random, steps: int) -> None:
    """Anything that people do in a shop, in any order."""
    stock, reservations = services.stock, services.reservations
    known: list[str] = []
    for step in range(steps):
        sku, location = chance.choice(SKUS), chance.choice(("BER", "AMS"))
        units = chance.randint(1, 6) * UNIT
        eta = services.clock.now() + timedelta(days=chance.randint(1, 9))
        try:
            match chance.randrange(8):
                case 0:
                    await stock.set_stock(CLERK, Count(sku, location, units * 2))
                case 1:
                    delta = chance.choice((-UNIT, units))
                    await stock.adjust_stock(CLERK, Adjustment(sku, location, delta, "found"))
                case 2:
                    receipt = Receipt(sku, location, units, f"PO-{step}", eta)
                    await stock.schedule_supply(CLERK, receipt)
                case 3 if known:
                    await reservations.commit(BUYER, chance.choice(known), f"O-{step}")
                case 4 if known:
                    await reservations.release(BUYER, chance.choice(known))
                case 5 if known:
                    lines = [Line(sku, chance.randint(0, 3) * UNIT)]
                    await reservations.change(BUYER, chance.choice(known), lines)
                case _:
                    wanted = {chance.choice((*SKUS, KIT)): chance.randint(1, 4)}
                    holder = chance.choice((None, "anna", "ben"))
                    known.append((await reserve(services, wanted, holder=holder)).id)
        except HubError:
            continue


def timeless(answer: Availability) -> Availability:
    """An answer without the moment it was given at."""
    message = answer.message._replace(evidence={**answer.message.evidence, "countedAt": None})
    return answer._replace(as_of=datetime.min.replace(tzinfo=UTC), message=message)


@pytest.mark.parametrize("seed", range(4))
async def test_a_batch_of_items_is_answered_as_each_alone(services: Services, seed: int) -> None:
    chance = random.Random(seed)
    await services.catalogue.put_items(CLERK, [CatalogueItem(KIT, "A set")])
    await services.catalogue.put_kits(CLERK, {KIT: [Line("A-1", 2 * UNIT), Line("B-1", UNIT)]})
    limit = chance.choice((0, 5 * UNIT))
    await services.catalogue.put_policies(CLERK, {GLOBAL: Policy(UNIT, backorder_limit=limit)})
    await let_happen(services, chance, 80)

    everything = [*SKUS, KIT]
    for holder in (None, "anna"):
        for channel in ("web", "store"):
            scope = Scope(channel, holder=holder)
            for quantity in (UNIT, 3 * UNIT):
                ask = services.lookup.availability
                batch = await ask(BUYER, everything, scope, quantity)
                for sku in everything:
                    alone = (await ask(BUYER, [sku], scope, quantity))[sku]
                    assert timeless(alone) == timeless(batch[sku])
    assert await broken_rules(services) == {}


@pytest.mark.parametrize("seed", range(4))
async def test_one_more_unit_is_never_easier_to_get(services: Services, seed: int) -> None:
    chance = random.Random(seed)
    await services.catalogue.put_items(CLERK, [CatalogueItem(KIT, "A set")])
    await services.catalogue.put_kits(CLERK, {KIT: [Line("A-1", 2 * UNIT), Line("B-1", UNIT)]})
    await let_happen(services, chance, 60)

    for sku in (*SKUS, KIT):
        told = [
            (await services.lookup.availability(BUYER, [sku], None, units * UNIT))[sku]
            for units in range(1, 30)
        ]
        can = [answer.can_fulfil for answer in told]
        assert can == sorted(can, reverse=True)
        assert sum(can) == min(29, told[0].breakdown.available_to_order // UNIT)
        if not all(can):
            with pytest.raises(InsufficientStock):
                await reserve(services, {sku: sum(can) + 1})
        if any(can):
            await reserve(services, {sku: sum(can)})
