"""What a process keeps of items, and when it no longer believes it."""

import asyncio
import random
from collections.abc import Collection
from pathlib import Path
from types import MethodType

import pytest

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.errors import Unavailable
from hub.domain.policies import Policy
from hub.domain.values import UNIT, Line, Scope
from hub.observability import metrics
from hub.services import stock_cache
from hub.services.cached_item import CachedItem
from hub.services.stock_cache import TRUSTED_SECONDS, StockCache
from hub.store.database import ReadConnection
from tests.integration.live.test_resume import all_is_told
from tests.integration.outages import mortal_postgres
from tests.integration.shop import (
    BUYER,
    CLERK,
    SKUS,
    count,
    opened,
    put_shop,
)
from tests.integration.slow_reads import hold_up_reads, told_meanwhile
from tests.waiting import eventually


async def told(services: Services, sku: str = "A-1", *, strong: bool = False) -> Availability:
    """The answer that a page gets."""
    return (await services.lookup.availability(BUYER, [sku], strong=strong))[sku]


async def units(services: Services, sku: str = "A-1") -> float:
    """The units of that answer."""
    return (await told(services, sku)).breakdown.available_to_order / UNIT


async def is_away(services: Services) -> bool:
    """Whether it says that it can't tell."""
    try:
        await told(services)
    except Unavailable:
        return True
    return False


def items_read() -> float:
    """Items that were read from the ledger so far."""
    read: float = metrics.stock_items_read._value.get()
    return read


async def settled(services: Services) -> None:
    """Wait until the change log has nothing to tell that this process did not know."""
    await eventually(lambda: services.lookup._stock._believed_until > 0)
    # Nobody may have been in a hurry to read what was written last.
    await all_is_told(services)
    before = -1.0
    while before != items_read():
        before = items_read()
        await units(services)
        await asyncio.sleep(0.1)


async def test_what_nobody_changes_is_read_once(services: Services) -> None:
    await count(services, "A-1", 5)
    await settled(services)
    before = items_read()

    for _ in range(20):
        assert await units(services) == 5

    assert items_read() == before


async def test_what_is_asked_for_is_read_again_before_it_is_asked_for_again(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 5)
    await count(services, "A-2", 5)
    await settled(services)
    before = items_read()

    # Nobody has asked for the other.
    await count(neighbour, "A-1", 4)
    await count(neighbour, "A-2", 4)
    await eventually(lambda: items_read() > before)
    await asyncio.sleep(0.2)

    assert items_read() == before + 1
    assert await units(services) == 4
    assert items_read() == before + 1


async def test_of_what_was_written_nothing_stays_once_the_log_has_told(services: Services) -> None:
    stock = services.lookup._stock
    for left in range(3):
        await count(services, "A-1", left)
        # Asked for between the write and the word of it in the log.
        assert await units(services) == left
    await eventually(lambda: not stock._written and not stock._due)


async def test_what_changes_while_it_is_read_again_is_read_once_more(
    services: Services, neighbour: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(services, "A-1", 5)
    await settled(services)
    before = items_read()
    is_read, go_on = hold_up_reads(monkeypatch)
    try:
        await count(neighbour, "A-1", 4)
        await is_read.wait()
        await count(neighbour, "A-1", 3)
        await eventually(lambda: told_meanwhile(services, "A-1"))
    finally:
        go_on.set()
    await eventually(lambda: items_read() == before + 2)

    assert await units(services) == 3
    assert items_read() == before + 2


async def test_what_somebody_has_asked_for_already_is_not_read_again(
    services: Services, neighbour: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(services, "A-1", 5)
    await settled(services)
    monkeypatch.setattr(stock_cache, "RENEW_SECONDS", 0.3)
    stock = services.lookup._stock
    for left in range(3):
        await count(neighbour, "A-1", left)
        await eventually(lambda: "A-1" in stock._due)
        before = items_read()
        assert await units(services) == left
        await eventually(lambda: not stock._due)
        assert items_read() == before + 1
        assert stock.items()["A-1"].asked


async def test_what_the_log_tells_before_the_writer_does_is_read_again(services: Services) -> None:
    await count(services, "A-1", 5)
    await settled(services)
    stock = services.lookup._stock
    stock.changed(["A-1"])
    await eventually(lambda: "A-1" in stock.items())
    stock.changed(["A-1"], for_the_last_time=False)
    before = items_read()

    # Whatever changes next shows that the log has been read.
    await count(services, "A-2", 5)
    await eventually(lambda: "A-1" in stock.items())

    assert items_read() == before + 1
    assert not stock._written


async def test_what_is_written_in_the_moment_in_which_it_was_read_again_is_read_once_more(
    services: Services, neighbour: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(services, "A-1", 5)
    await settled(services)
    keep, kept = StockCache._keep, 0

    def written_meanwhile(self: StockCache, items: Collection[CachedItem]) -> None:
        nonlocal kept
        keep(self, items)
        kept += 1
        if kept == 1:
            self.changed(["A-1"], for_the_last_time=False)

    stock = services.lookup._stock
    monkeypatch.setattr(stock, "_keep", MethodType(written_meanwhile, stock))
    await count(neighbour, "A-1", 4)

    await eventually(lambda: kept == 2)
    assert await units(services) == 4
    assert kept == 2


async def test_what_changes_while_nobody_asks_is_left_alone(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 5)
    await settled(services)
    stock = services.lookup._stock
    assert "A-1" in stock.items()
    left = 10

    async def is_left_alone() -> bool:
        nonlocal left
        left += 1
        await count(neighbour, "A-1", left)
        await asyncio.sleep(0.1)
        return stock.empty and not stock._renewing

    await eventually(is_left_alone, within_seconds=10)
    before = items_read()

    for left in range(5, 10):
        await count(neighbour, "A-1", left)
        await asyncio.sleep(0.1)

    assert items_read() == before
    assert await units(services) == 9


async def test_those_who_ask_together_share_a_read(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = 0
    records = ReadConnection.records

    async def counted(self: ReadConnection, statement: str, values: object = ()) -> object:
        nonlocal statements
        statements += 1
        return await records(self, statement, values)  # type: ignore[arg-type]

    monkeypatch.setattr(ReadConnection, "records", counted)
    await asyncio.gather(*(told(services, sku, strong=True) for sku in SKUS * 50))
    # Those who came while nothing was read, and those who came while that read ran.
    assert statements <= 2


async def test_a_read_that_began_before_new_rules_answers_nobody_who_asks_after_them(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(services, "A-1", 5)
    _, go_on = hold_up_reads(monkeypatch)
    asked_before = asyncio.create_task(units(services))
    await asyncio.sleep(0.1)
    await services.catalogue.put_policies(CLERK, {("item", "A-1"): Policy(safety_stock=2 * UNIT)})
    asked_after = asyncio.create_task(units(services))
    await asyncio.sleep(0.1)
    go_on.set()

    assert await asked_after == 3
    await asked_before
    assert await units(services) == 3


async def test_what_is_kept_is_not_answered_by_rules_that_came_meanwhile(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.catalogue.put_kits(CLERK, {"B-2": [Line("A-1", 2 * UNIT)]})
    await count(services, "A-1", 10)
    await settled(services)
    assert await units(services, "B-2") == 5
    is_read, go_on = hold_up_reads(monkeypatch)
    asked = asyncio.create_task(services.lookup.availability(BUYER, ["B-2", "A-2"]))
    await is_read.wait()
    try:
        await services.catalogue.put_kits(CLERK, {"B-2": []})
    finally:
        go_on.set()

    answers = await asked
    assert answers["B-2"].components == ()
    assert answers["B-2"].breakdown.available_to_order == 0
    assert answers.keys() == {"B-2", "A-2"}


async def test_what_another_process_writes_is_told_within_a_second(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 5)
    await settled(neighbour)
    assert await units(neighbour) == 5

    await count(services, "A-1", 3)

    assert (await told(neighbour, strong=True)).breakdown.available_to_order == 3 * UNIT
    await eventually(lambda: units(neighbour), lambda told: told == 3, within_seconds=1)


async def test_new_rules_are_told_to_every_process(services: Services, neighbour: Services) -> None:
    await count(services, "A-1", 5)
    await settled(neighbour)
    assert await units(neighbour) == 5

    await services.catalogue.put_policies(CLERK, {("item", "A-1"): Policy(safety_stock=2 * UNIT)})

    assert await units(services) == 3
    await eventually(lambda: units(neighbour), lambda told: told == 3, within_seconds=1)


async def test_a_kit_changes_with_its_components(services: Services) -> None:
    await services.catalogue.put_kits(CLERK, {"B-2": [Line("A-1", 2 * UNIT)]})
    await count(services, "A-1", 10)
    await settled(services)
    assert await units(services, "B-2") == 5

    await count(services, "A-1", 7)

    assert await units(services, "B-2") == 3


async def test_without_the_change_log_nothing_is_believed_for_long(tmp_path: Path) -> None:
    async with (
        mortal_postgres(tmp_path / "data", durable=False) as postgres,
        opened(postgres.url) as services,
    ):
        await put_shop(services)
        await count(services, "A-1", 5)
        await settled(services)
        await postgres.stop()
        assert await units(services) == 5

        await eventually(lambda: is_away(services), within_seconds=TRUSTED_SECONDS + 3)
        await postgres.start()
        await eventually(lambda: is_away(services), lambda away: not away, within_seconds=10)
        assert await units(services) == 5


async def test_readers_never_see_less_than_they_have_written(
    services: Services, neighbour: Services, database_url: str
) -> None:
    """Many write and read through two processes at once; within a process no version falls behind
    a write that was answered, and in the end all agree with the ledger."""
    dice = random.Random(7)
    written: dict[tuple[int, str], int] = {}

    async def one(place: int, process: Services, seed: int) -> None:
        own = random.Random(seed)
        for _ in range(40):
            sku = own.choice(SKUS)
            if own.random() < 0.5:
                # All stock of the item lies at one location, whose versions are the answer's.
                left = await count(process, sku, own.randrange(1, 50))
                key = (place, sku)
                written[key] = max(written.get(key, 0), left.version)
            least = written.get((place, sku), 0)
            assert (await told(process, sku)).version >= least

    await asyncio.gather(
        *(
            one(place, process, dice.randrange(1_000))
            for place, process in enumerate((services, neighbour))
            for _ in range(8)
        )
    )
    # Asked of a third process: a read of the ledger by one of the two would mend what it keeps.
    async with opened(database_url) as other:
        right = {sku: await told(other, sku, strong=True) for sku in SKUS}
    for sku in SKUS:
        await comes_to(right[sku], services, sku)
        await comes_to(right[sku], neighbour, sku)


async def comes_to(right: Availability, process: Services, sku: str) -> None:
    """Wait until a process tells what is right."""
    kept = await eventually(
        lambda: told(process, sku), lambda answer: answer.version == right.version
    )
    assert kept.breakdown == right.breakdown


async def test_no_more_is_kept_than_there_is_room_for(database_url: str) -> None:
    async with opened(database_url, max_cached_items=2) as services:
        await put_shop(services)
        for sku in SKUS:
            await count(services, sku, 5)
        for _ in range(3):
            for sku in SKUS:
                assert await units(services, sku) == 5
        assert len(services.lookup._stock.items()) <= 2
        assert (await services.lookup.availability(BUYER, SKUS, Scope("store"))).keys() == set(SKUS)
