"""Whatever can be asked of the hub that changes an answer has its event: nothing is left out.

A command or a mutation of the catalogue that is not in these lists fails the test.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, get_args

import pytest

from hub.bootstrap import Services
from hub.domain import commands as c
from hub.domain.errors import HubError
from hub.domain.policies import Channel, Policy
from hub.domain.values import UNIT, Line
from hub.services.catalogue import Catalogue, CatalogueItem, LocationInfo
from hub.store.change_log import read_changes, read_cursor
from tests.integration.shop import CLERK, count, execute, opened, put_shop
from tests.integration.watcher import watching
from tests.waiting import eventually

ORIGIN = c.Origin("tester")
HOLD, ORDERED = "01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"
LINES = (Line("A-1", UNIT),)
SOON = datetime.now(UTC) + timedelta(days=3)

RESERVE = c.Reserve(HOLD, LINES, "web", None, 600, ORIGIN)
COMMIT = c.CommitReservation(HOLD, "O-1", ORIGIN)
FULFIL = c.FulfilReservation(HOLD, ORIGIN)
PLACE = c.PlaceOrder("O-2", "web", (c.OrderLine("A-1", UNIT),), ORDERED, ORIGIN)
SHIP = c.ShipOrder("O-2", None, ORIGIN)
SCHEDULE = c.ScheduleSupply("A-1", "BER", 5 * UNIT, SOON, "PO-1", ORIGIN)

LAPSE = "update reservation set expires_at = now() - interval '1 ms'"
DRIFT = "update position set on_hand = on_hand + 1000 where sku = 'A-1'"
WAIT = """
    update position set backordered = 1000 where sku = 'A-1' and location = 'BER'"""
WAITING_LINE = """
    update reservation_line set held = 0, backordered = 1000
    where sku = 'A-1' and location = 'BER'"""


class Case(NamedTuple):
    """A command, and what must have come before it."""

    command: c.Command
    before: Sequence[c.Command | str] = ()
    """Commands, and statements behind the hub's back."""


CASES: list[Case] = [
    Case(RESERVE),
    Case(c.ChangeReservation(HOLD, (Line("A-1", 3 * UNIT),), ORIGIN), [RESERVE]),
    Case(COMMIT, [RESERVE]),
    Case(c.ReleaseReservation(HOLD, None, ORIGIN), [RESERVE]),
    Case(c.ExpireReservation(HOLD, ORIGIN), [RESERVE, LAPSE]),
    Case(c.TransferReservation(HOLD, "BER", "AMS", ORIGIN), [RESERVE]),
    Case(FULFIL, [RESERVE, COMMIT]),
    Case(c.CancelReservation(HOLD, ORIGIN), [RESERVE, COMMIT]),
    Case(c.ReturnReservation(HOLD, ORIGIN), [RESERVE, COMMIT, FULFIL]),
    Case(c.SetStock("A-1", "BER", 7 * UNIT, ORIGIN)),
    Case(c.AdjustStock("A-1", "BER", -UNIT, "broken", ORIGIN)),
    Case(c.MarkUnavailable("A-1", "BER", UNIT, c.Condition.DAMAGED, None, ORIGIN)),
    Case(SCHEDULE),
    Case(c.ChangeSupply("A-1", "BER", None, SOON + timedelta(days=1), "PO-1", ORIGIN), [SCHEDULE]),
    Case(c.ReceiveSupply("A-1", "BER", UNIT, "PO-1", ORIGIN), [SCHEDULE]),
    Case(c.CancelSupply("A-1", "BER", "PO-1", ORIGIN), [SCHEDULE]),
    Case(c.TransferStock("A-1", "BER", "AMS", UNIT, None, ORIGIN)),
    Case(PLACE),
    Case(c.CancelOrder("O-2", None, ORIGIN), [PLACE]),
    Case(SHIP, [PLACE]),
    Case(c.ReturnOrder("O-2", None, ORIGIN), [PLACE, SHIP]),
    Case(c.SettleBackorders("A-1", ORIGIN), [RESERVE, WAIT, WAITING_LINE]),
    Case(c.CorrectDrift("A-1", "BER", -UNIT, "EVENT_MISSED", ORIGIN, if_version=1)),
    Case(c.CorrectPosition("A-1", "BER", "drifted", ORIGIN), [DRIFT]),
]
TELLS_OF_THE_RESERVATION_ALONE = Case(c.ExtendReservation(HOLD, 6_000, ORIGIN), [RESERVE])

Put = Callable[[Catalogue], Awaitable[None]]
CATALOGUE: dict[str, Put] = {
    "put_items": lambda catalogue: catalogue.put_items(
        CLERK, [CatalogueItem("A-1", "Gone", discontinued=True)]
    ),
    "put_locations": lambda catalogue: catalogue.put_locations(CLERK, [LocationInfo("BER", "B")]),
    "put_channels": lambda catalogue: catalogue.put_channels(
        CLERK, [Channel("web", "Web", "en", "EUR", ("AMS",))], "web"
    ),
    "put_kits": lambda catalogue: catalogue.put_kits(CLERK, {"A-1": [Line("B-1", UNIT)]}),
    "put_policies": lambda catalogue: catalogue.put_policies(
        CLERK, {("location", "BER"): Policy(safety_stock=2 * UNIT)}
    ),
}
CHANGES_NO_ANSWER = {"put_locations"}
"""Where something lies decides where it is sent from, and not whether it can be had."""


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Services]:
    """A shop with ten of A-1 at each location."""
    async with opened(database_url) as services:
        await put_shop(services)
        for location in ("BER", "AMS"):
            await count(services, "A-1", 10, location)
        yield services


async def made_ready(shop: Services, case: Case) -> None:
    """Do what has to come before."""
    for step in case.before:
        if isinstance(step, str):
            await execute(str(shop.settings.database_url), step)
        else:
            done = await shop.writer.submit(step)
            assert not isinstance(done, HubError), done


def test_every_command_is_here() -> None:
    listed = {type(case.command) for case in (*CASES, TELLS_OF_THE_RESERVATION_ALONE)}
    known: set[Any] = set()
    unseen: list[Any] = [c.Command]
    while unseen:
        union = unseen.pop()
        parts = get_args(union)
        unseen.extend(parts)
        if not parts:
            known.add(union)
    assert listed == known


def test_every_mutation_of_the_catalogue_is_here() -> None:
    known = {
        name
        for name, member in vars(Catalogue).items()
        if inspect.iscoroutinefunction(member) and name not in {"items", "families", "locations"}
    }
    assert set(CATALOGUE) == known


@pytest.mark.parametrize("case", CASES, ids=lambda case: type(case.command).__name__)
async def test_a_command_is_told_to_who_watches_the_item(shop: Services, case: Case) -> None:
    await made_ready(shop, case)
    async with watching(shop, "A-1") as watcher:
        events = len(watcher.events)
        cursor = await read_cursor(shop.database)
        await shop.writer.submit(case.command)
        changes = await read_changes(shop.database, cursor)
        assert "A-1" in changes.skus
        await eventually(lambda: len(watcher.events) > events)


async def test_a_hold_that_is_extended_is_told_to_who_watches_it(shop: Services) -> None:
    await made_ready(shop, TELLS_OF_THE_RESERVATION_ALONE)
    cursor = await read_cursor(shop.database)
    told = shop.watch.reservation(CLERK, HOLD)
    first = await anext(told)
    await shop.writer.submit(TELLS_OF_THE_RESERVATION_ALONE.command)
    assert (await anext(told)).version == first.version + 1
    changes = await read_changes(shop.database, cursor)
    assert (changes.skus, changes.reservations) == (frozenset(), frozenset([HOLD]))
    await told.aclose()


@pytest.mark.parametrize("name", CATALOGUE)
async def test_the_catalogue_is_told_to_who_watches_the_item(shop: Services, name: str) -> None:
    async with watching(shop, "A-1") as watcher:
        events = len(watcher.events)
        cursor = await read_cursor(shop.database)
        await CATALOGUE[name](shop.catalogue)
        assert (await read_changes(shop.database, cursor)).rules
        if name not in CHANGES_NO_ANSWER:
            await eventually(lambda: len(watcher.events) > events)
