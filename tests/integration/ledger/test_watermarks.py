"""A count that says which orders it knows has none of them deducted twice, and none forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import StockConflict, UnknownOrder, VersionConflict
from hub.domain.principal import trusted
from hub.domain.values import UNIT
from hub.services.stock import Count
from tests.integration.shop import CLERK, available, broken_rules, count, position
from workers.ingest import Ingest

ERP = trusted("erp")
DAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour)


async def told(services: Services, kind: str, hour: int, **data: Any) -> None:
    """An event of the shop, by its own clock, worked to its end."""
    event = {
        "specversion": "1.0",
        "id": f"{kind}-{hour}-{data.get('order')}",
        "type": kind,
        "time": at(hour).isoformat(),
        "data": data,
    }
    await services.intake.accept_events(ERP, "shop", [event])
    assert (await Ingest(services).drain()).dead_letters == 0


async def ordered(services: Services, order: str, units: int, hour: int) -> None:
    lines = [{"sku": "A-1", "quantity": units}]
    await told(services, "order.placed", hour, order=order, channel="store", lines=lines)


async def erp_counts(services: Services, units: int, hour: int, **watermark: Any) -> None:
    await services.stock.set_stock(
        CLERK, Count("A-1", "BER", units * UNIT, as_of=at(hour), **watermark)
    )


async def test_an_order_that_the_count_has_taken_off_is_not_deducted_again(
    services: Services,
) -> None:
    await erp_counts(services, 10, hour=8)
    await ordered(services, "O-1", 3, hour=9)
    assert await available(services, channel="store") == 7

    # The warehouse system has taken O-1 off: seven are left to sell, ten lie on the shelf.
    await erp_counts(services, 7, hour=10, includes_orders_to=at(9))

    assert await available(services, channel="store") == 7
    assert (await position(services)).on_hand == 10 * UNIT
    assert await broken_rules(services) == {}


async def test_what_was_ordered_after_the_watermark_stays_deducted(services: Services) -> None:
    await erp_counts(services, 10, hour=8)
    await ordered(services, "O-1", 3, hour=9)
    await ordered(services, "O-2", 2, hour=11)

    await erp_counts(services, 7, hour=12, includes_order="O-1")

    assert await available(services, channel="store") == 5
    stored = await position(services)
    assert (stored.on_hand, stored.allocated) == (10 * UNIT, 5 * UNIT)
    assert stored.counted_through == at(9)


async def test_what_later_orders_have_shipped_is_not_put_back_by_the_count(
    services: Services,
) -> None:
    await erp_counts(services, 10, hour=8)
    await ordered(services, "O-1", 3, hour=9)
    await ordered(services, "O-2", 2, hour=11)
    await told(services, "order.shipped", 12, order="O-2")
    await told(services, "order.shipped", 12, order="O-1")

    await erp_counts(services, 7, hour=10, includes_order="O-1")

    assert await available(services, channel="store") == 5
    assert (await position(services)).on_hand == 5 * UNIT


async def test_an_order_that_comes_after_the_count_that_knows_it_changes_nothing(
    services: Services,
) -> None:
    await erp_counts(services, 7, hour=10, includes_orders_to=at(9))

    await ordered(services, "O-1", 3, hour=9)

    assert await available(services, channel="store") == 7
    await told(services, "order.shipped", 12, order="O-1")
    assert await available(services, channel="store") == 7
    stored = await position(services)
    assert (stored.on_hand, stored.allocated) == (7 * UNIT, 0)
    assert await broken_rules(services) == {}


async def test_an_event_carries_its_watermark_as_a_time_or_an_order(services: Services) -> None:
    await erp_counts(services, 10, hour=8)
    await ordered(services, "O-1", 3, hour=9)
    data = {"sku": "A-1", "location": "BER", "onHand": 7}

    await told(services, "stock.set", 10, **data, includesOrdersUpTo="O-1")
    assert await available(services, channel="store") == 7

    await told(services, "stock.set", 11, **data, includesOrdersUpTo=at(9).isoformat())
    assert await available(services, channel="store") == 7


async def test_an_unknown_order_is_no_watermark_and_nothing_is_counted(services: Services) -> None:
    await erp_counts(services, 10, hour=8)
    with pytest.raises(UnknownOrder):
        await erp_counts(services, 3, hour=9, includes_order="O-404")
    assert await available(services, channel="store") == 10


async def test_a_count_is_compared_before_it_is_set(services: Services) -> None:
    await count(services, "A-1", 5)
    with pytest.raises(VersionConflict):
        await erp_counts(services, 9, hour=9, if_version=7)
    with pytest.raises(StockConflict) as conflict:
        await services.stock.set_stock(CLERK, Count("A-1", "BER", 9 * UNIT, if_on_hand=4 * UNIT))
    assert (conflict.value.expected, conflict.value.actual) == ("4", "5")
    await services.stock.set_stock(CLERK, Count("A-1", "BER", 9 * UNIT, if_on_hand=5 * UNIT))
    assert (await position(services)).on_hand == 9 * UNIT
