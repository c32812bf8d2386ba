"""Repair: what has drifted is brought back by a movement that says what was wrong."""

import asyncio
from datetime import timedelta

import orjson
import pytest
from typer.testing import CliRunner

from hub.bootstrap import Services
from hub.cli.app import app_with
from hub.domain.commands import CorrectPosition, Origin
from hub.domain.movements import MovementKind
from hub.domain.policies import Policy
from hub.domain.position import Position
from hub.domain.values import UNIT
from hub.services.stock import Receipt
from hub.store.drift import Drift
from hub.store.reads import read_movements
from tests.integration.shop import (
    BUYER,
    CLERK,
    broken_rules,
    count,
    execute,
    opened,
    position,
    put_shop,
    reserve,
)

AUDIT = app_with(["audit"])
A1 = "where sku = 'A-1' and location = 'BER'"


@pytest.fixture
async def shop(services: Services) -> Services:
    """A-1 with every part of a position above 0, but the shortfall; B-1 beside it."""
    await services.catalogue.put_policies(
        CLERK, {("item", "A-1"): Policy(backorder_limit=9 * UNIT)}
    )
    await count(services, "A-1", 10)
    await count(services, "B-1", 10)
    eta = services.clock.now() + timedelta(days=3)
    await services.stock.schedule_supply(CLERK, Receipt("A-1", "BER", 5 * UNIT, "PO-1", eta))
    await reserve(services, {"A-1": 2})
    ordered = await reserve(services, {"A-1": 3})
    await services.reservations.commit(BUYER, ordered.id, "ORDER-1")
    waiting = await reserve(services, {"A-1": 9})
    await services.reservations.commit(BUYER, waiting.id, "ORDER-2")
    assert await broken_rules(services) == {}
    return services


def parts(position: Position) -> tuple[int, ...]:
    """The quantities of a position, from on hand to shortfall."""
    return position[2:9]


async def repaired(services: Services) -> list[Drift]:
    """The drift that a repair has found; afterwards the audit is clean."""
    report = await services.audit.repair(CLERK)
    assert report.after.clean, report.after.as_dict()
    assert report.after.drift == []
    assert all(repair.corrected for repair in report.repairs)
    assert await broken_rules(services) == {}
    return report.before.drift


@pytest.mark.parametrize(
    "part", ["on_hand", "unavailable", "allocated", "reserved", "backordered", "incoming"]
)
@pytest.mark.parametrize("by", [-1, 1])
async def test_each_part_of_a_position_that_was_changed_is_brought_back(
    shop: Services, database_url: str, part: str, by: int
) -> None:
    if part == "unavailable":
        by = 1
    before = await position(shop)
    assert part in ("unavailable", "shortfall") or getattr(before, part) >= UNIT
    await execute(
        database_url,
        f"update position set {part} = {part} + {by * UNIT}, shortfall = shortfall + 1000 {A1}",
        f"""update position set shortfall = 0 {A1}
            and on_hand - unavailable - allocated - reserved >= 0""",
    )

    drift = await repaired(shop)

    truth = getattr(before, part)
    assert Drift("A-1", "BER", part, truth + by * UNIT, truth, truth) in drift
    after = await position(shop)
    assert parts(after) == parts(before)
    assert after.version == before.version + 1
    newest = (await read_movements(shop.database, ["A-1"], "BER", None, 1))[0].movement
    assert newest.kind is MovementKind.CORRECTED
    assert newest.version == after.version
    assert newest.actor == "clerk"
    assert newest.available_after == after.free
    was, is_now = (truth + by * UNIT) // UNIT, truth // UNIT
    assert newest.reason is not None
    assert f"{part} was {was} instead of {is_now}" in newest.reason
    # What was wrong was the position alone: the movements said the truth, and nothing moved.
    assert (newest.on_hand, newest.reserved, newest.allocated) == (0, 0, 0)
    assert (await shop.audit.verify_chains(CLERK)).clean


async def test_a_shortfall_that_was_made_up_is_taken_back(
    shop: Services, database_url: str
) -> None:
    await execute(database_url, f"update position set shortfall = 7000 {A1}")
    assert await repaired(shop) == [Drift("A-1", "BER", "shortfall", 7 * UNIT, None, 0)]
    assert (await position(shop)).shortfall == 0


async def test_a_hold_that_was_changed_is_the_truth_for_its_position_and_its_movements(
    shop: Services, database_url: str
) -> None:
    await execute(
        database_url,
        f"update reservation_line set held = 1000, released = 1000 {A1} and held = 2000",
    )

    drift = await repaired(shop)

    assert drift == [Drift("A-1", "BER", "reserved", 2 * UNIT, 2 * UNIT, UNIT)]
    assert (await position(shop)).reserved == UNIT
    # The unit that is free by it goes to the order that waits.
    newest = [one.movement for one in await read_movements(shop.database, ["A-1"], "BER", None, 2)]
    corrected = next(one for one in newest if one.kind is MovementKind.CORRECTED)
    assert corrected.reserved == -UNIT


async def test_more_held_than_there_is_shows_as_a_shortfall(
    shop: Services, database_url: str
) -> None:
    await execute(
        database_url,
        f"""update reservation_line set held = held + 90000, quantity = quantity + 90000
            {A1} and held > 0""",
    )
    await repaired(shop)
    after = await position(shop)
    assert after.shortfall == -after.free > 0


async def test_supply_that_was_changed_is_the_truth_for_what_is_incoming(
    shop: Services, database_url: str
) -> None:
    await execute(database_url, f"update supply_line set quantity = 3000 {A1}")
    assert await repaired(shop) == [Drift("A-1", "BER", "incoming", 5 * UNIT, 5 * UNIT, 3 * UNIT)]
    assert (await position(shop)).incoming == 3 * UNIT


async def test_a_movement_that_was_changed_is_followed_but_the_chain_still_tells_of_it(
    shop: Services, database_url: str
) -> None:
    await execute(
        database_url, f"update movement set on_hand = on_hand + 4000 {A1} and version = 1"
    )

    drift = await repaired(shop)

    assert Drift("A-1", "BER", "on_hand", 10 * UNIT, 14 * UNIT, 14 * UNIT) in drift
    assert (await position(shop)).on_hand == 14 * UNIT
    (broken,) = (await shop.audit.verify_chains(CLERK)).broken
    assert (broken.sku, broken.location, broken.version) == ("A-1", "BER", 1)


async def test_less_than_nothing_unavailable_is_nothing(shop: Services, database_url: str) -> None:
    await execute(
        database_url, f"update movement set unavailable = unavailable - 2000 {A1} and version = 1"
    )
    await repaired(shop)
    assert (await position(shop)).unavailable == 0


async def test_a_position_that_is_gone_comes_back(shop: Services, database_url: str) -> None:
    before = await position(shop)
    await execute(database_url, f"delete from position {A1}")

    drift = await repaired(shop)

    assert Drift("A-1", "BER", "version", None, before.version, before.version) in drift
    after = await position(shop)
    assert parts(after) == parts(before)
    assert after.version == before.version + 1
    (broken,) = (await shop.audit.verify_chains(CLERK)).broken
    assert broken.version == after.version


async def test_a_position_that_was_set_back_goes_on_behind_its_newest_movement(
    shop: Services, database_url: str
) -> None:
    before = await position(shop)
    await execute(
        database_url,
        f"update position set version = version - 2, on_hand = 0, shortfall = 99000 {A1}",
    )
    await repaired(shop)
    after = await position(shop)
    assert (parts(after), after.version) == (parts(before), before.version + 1)


async def test_an_entry_that_is_gone_stays_missing_whatever_is_repaired(
    shop: Services, database_url: str
) -> None:
    await execute(database_url, f"delete from movement {A1} and version = 2")

    report = await shop.audit.repair(CLERK)

    assert report.after.drift == []
    assert set(await broken_rules(shop)) == {"movements_are_counted"}
    assert not (await shop.audit.verify_chains(CLERK)).clean


async def test_many_positions_are_repaired_and_the_others_left_alone(
    shop: Services, database_url: str
) -> None:
    for sku in ("A-2", "B-2"):
        await count(shop, sku, 5)
    untouched = await position(shop, "B-1")
    await execute(database_url, "update position set on_hand = on_hand + 1000 where sku <> 'B-1'")

    drift = await repaired(shop)

    assert [one.sku for one in drift] == ["A-1", "A-2", "B-2"]
    assert await position(shop, "B-1") == untouched
    assert await repaired(shop) == []


async def test_what_has_not_drifted_is_not_corrected(shop: Services) -> None:
    before = await position(shop)
    change = await shop.writer.submit(CorrectPosition("A-1", "BER", "maybe", Origin("clerk")))
    assert (change.applied, change.note[:9]) == (False, "UNCHANGED")
    nothing = await shop.writer.submit(CorrectPosition("A-1", "MUC", "maybe", Origin("clerk")))
    assert not nothing.applied
    assert await position(shop) == before
    assert (await shop.audit.repair(CLERK)).repairs == []


async def test_business_goes_on_while_a_repair_runs(shop: Services, database_url: str) -> None:
    await execute(database_url, "update position set on_hand = on_hand + 3000")
    report, *_ = await asyncio.gather(
        shop.audit.repair(CLERK), *(reserve(shop, {"B-1": 1}) for _ in range(5))
    )
    assert len(report.repairs) == 2
    assert await broken_rules(shop) == {}
    assert (await position(shop, "B-1")).on_hand == 10 * UNIT


@pytest.fixture
def shop_in_database(database_url: str, request: pytest.FixtureRequest) -> None:
    """One count of A-1, and its position drifted by one unit where the test is about that."""

    async def make() -> None:
        async with opened(database_url) as services:
            await put_shop(services)
            await count(services, "A-1", 10)
        if "repairs" in request.node.name:
            await execute(database_url, "update position set on_hand = on_hand + 1000")

    asyncio.run(make())


@pytest.fixture
def command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return CliRunner()


def test_the_command_repairs_and_shows_what_it_did(
    shop_in_database: None, command: CliRunner
) -> None:
    wrong = command.invoke(AUDIT, ["audit"])
    assert wrong.exit_code == 1
    assert "Drift" in wrong.stdout
    mended = command.invoke(AUDIT, ["audit", "--repair", "--json"])
    assert mended.exit_code == 0, mended.stdout
    report = orjson.loads(mended.stdout)
    assert report["clean"]
    (drift,) = report["drift"]
    assert drift == {
        "sku": "A-1", "location": "BER", "part": "on_hand",
        "position": 11, "movements": 10, "truth": 10,
    }  # fmt: skip
    (repair,) = report["repairs"]
    assert repair["corrected"]
    assert repair["note"] == "on_hand was 11 instead of 10"
    assert report["left"] == []
    assert command.invoke(AUDIT, ["audit", "--repair"]).exit_code == 0


def test_the_command_verifies_chains_and_prints_the_root(
    shop_in_database: None, command: CliRunner
) -> None:
    told = command.invoke(AUDIT, ["audit", "--chain", "--json"])
    assert told.exit_code == 0, told.output
    report = orjson.loads(told.stdout)
    assert report["clean"]
    assert (report["movements"], report["positions"]) == (1, 1)
    again = command.invoke(AUDIT, ["audit", "--chain", "--until", report["as_of"], "--json"])
    assert again.exit_code == 0, again.output
    assert orjson.loads(again.stdout)["root"] == report["root"]
    assert report["root"] in command.invoke(AUDIT, ["audit", "--chain"]).stdout


def test_the_command_ends_with_1_where_a_chain_is_broken(
    shop_in_database: None, command: CliRunner, database_url: str
) -> None:
    asyncio.run(execute(database_url, "update movement set reason = '[b]x[/b]'"))
    told = command.invoke(AUDIT, ["audit", "--chain"])
    assert told.exit_code == 1
    assert "entry 1 is not what was written" in " ".join(told.stdout.split())
    broken = orjson.loads(command.invoke(AUDIT, ["audit", "--chain", "--json"]).stdout)["broken"]
    assert broken[0]["sku"] == "A-1"


@pytest.mark.parametrize(
    "arguments",
    [["--chain", "--repair"], ["--until", "2026-11-21"], ["--chain", "--until", "yesterday"]],
    ids=" ".join,
)
def test_what_the_command_cannot_do_together_ends_with_2(
    command: CliRunner, arguments: list[str]
) -> None:
    assert command.invoke(AUDIT, ["audit", *arguments]).exit_code == 2
