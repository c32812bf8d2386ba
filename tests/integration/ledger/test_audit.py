"""The audit: silent on a sound ledger, and it finds each kind of tampering."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.domain.errors import Forbidden
from hub.domain.policies import Policy
from hub.domain.principal import Principal
from hub.domain.values import UNIT, Line
from hub.services.stock import Receipt
from hub.store.audit import CHECKS, ROWS_SHOWN
from tests.integration.ledger.histories import make_history
from tests.integration.shop import (
    BUYER,
    CLERK,
    broken_rules,
    count,
    execute,
    opened,
    put_shop,
    reserve,
)
from tests.waiting import eventually
from workers.auditing import Auditing

MORE_ON_HAND = "update position set on_hand = on_hand + 1000 where sku = 'A-1'"
STATE = "reservation_state_is_its_lines"
NO_ADDING_UP = "alter table reservation_line drop constraint reservation_line_adds_up;"
NO_SIGN = "alter table reservation_line drop constraint reservation_line_parts_not_negative;"

TAMPERING = [
    ("position_is_its_movements", MORE_ON_HAND),
    ("position_is_its_movements", "update position set backordered = 2000 where sku = 'A-2'"),
    ("position_is_its_movements", "delete from movement where sku = 'A-1' and version = 2"),
    ("position_is_its_movements", "delete from movement where sku = 'A-1'"),
    ("position_is_its_movements", "delete from position where sku = 'B-1'"),
    ("position_is_its_movements", "update movement set reserved = reserved + 1 where version = 2"),
    ("movements_are_counted", "update position set version = version + 1"),
    ("movements_are_counted", "delete from movement where sku = 'A-1' and version = 2"),
    ("movements_are_counted", "delete from movement where sku = 'A-1' and version = 1"),
    (
        "balance_is_its_movements",
        "update movement set available_after = available_after + 1 where sku = 'B-1'",
    ),
    ("newest_link_is_kept", "update position set chain = null where sku = 'B-1'"),
    ("newest_link_is_kept", "update movement set chain = '\\x00' where sku = 'B-1'"),
    (
        "reserved_is_what_is_held",
        """update reservation_line set held = held - 1000, released = released + 1000
           where held > 1000""",
    ),
    (
        "reserved_is_what_is_held",
        """update reservation_line set allocated = 0, fulfilled = fulfilled + allocated
           where allocated > 0 and line = 0""",
    ),
    (
        "reserved_is_what_is_held",
        """update reservation_line set backordered = 0, released = backordered
           where backordered > 0""",
    ),
    ("incoming_is_open_supply", "update supply_line set quantity = quantity + 1"),
    ("incoming_is_open_supply", "delete from supply_line"),
    ("shortfall_is_what_is_lacking", "update position set shortfall = 1 where sku = 'A-1'"),
    ("lines_add_up", f"{NO_ADDING_UP} update reservation_line set quantity = quantity + 1"),
    ("lines_add_up", f"{NO_SIGN} update reservation_line set returned = fulfilled + 1"),
    (
        "lines_are_their_movements",
        """update reservation_line set held = held - 1000, released = released + 1000
           where held > 1000""",
    ),
    (
        "lines_are_their_movements",
        "update movement set reservation_id = gen_random_uuid() where kind = 'RESERVED'",
    ),
    (STATE, "update reservation set state = 'RELEASED'"),
    (STATE, "update reservation set state = 'EXPIRED' where state = 'RELEASED'"),
    (STATE, "update reservation set state = 'RELEASED' where state = 'EXPIRED'"),
    (STATE, "update reservation set ended_reason = null where state = 'RELEASED'"),
    (STATE, "update reservation set ended_reason = null where state = 'CANCELLED'"),
    (STATE, "update reservation set ended_reason = 'CANCELLED' where state = 'HELD'"),
    (STATE, "update reservation set state = 'FULFILLED' where state = 'COMMITTED'"),
    (STATE, "update reservation set state = 'FULFILLED' where state = 'CANCELLED'"),
    (STATE, "update reservation set state = 'CANCELLED' where state = 'FULFILLED'"),
    (STATE, "update reservation set expires_at = now() where state = 'FULFILLED'"),
    (STATE, "update reservation set expires_at = now() where state = 'CANCELLED'"),
    (STATE, "update reservation set order_id = 'X' where state = 'HELD'"),
    (STATE, "update reservation set order_id = null where state = 'COMMITTED'"),
    (STATE, "update reservation set order_id = 'X' where state = 'RELEASED'"),
    (
        STATE,
        """update reservation set expires_at = null
           where state = 'COMMITTED' and expires_at is not null""",
    ),
    (
        STATE,
        """update reservation set expires_at = now() + interval '1 hour'
           where state = 'COMMITTED' and expires_at is null""",
    ),
    (STATE, "update reservation_line set line = line + 100 where line > 0"),
    (STATE, "delete from reservation_line where allocated > 0"),
    (STATE, "update reservation set version = 0 where state = 'HELD'"),
    ("no_line_without_reservation", "delete from reservation"),
    (
        "holds_end_in_time",
        "update reservation set expires_at = now() - interval '6 s' where state = 'HELD'",
    ),
    (
        "holds_end_in_time",
        """update reservation set expires_at = now() - interval '6 s'
           where state = 'COMMITTED' and expires_at is not null""",
    ),
]


@pytest.fixture
async def sound(services: Services) -> Services:
    """A ledger with a bit of everything, small enough to know what is in it."""
    await count(services, "A-1", 10)
    await count(services, "B-1", 10)
    await services.stock.schedule_supply(
        CLERK, Receipt("B-1", "BER", 5 * UNIT, "PO-1", services.clock.now() + timedelta(days=3))
    )
    await reserve(services, {"A-1": 2, "B-1": 2})
    ordered = await reserve(services, {"A-1": 1})
    await services.reservations.commit(BUYER, ordered.id, "ORDER-1")
    released = await reserve(services, {"A-1": 3})
    await services.reservations.release(BUYER, released.id)
    return services


@pytest.fixture
async def full(services: Services, database_url: str) -> Services:
    """A ledger with reservations in every state."""
    await make_history(services, database_url)
    policies = {("item", "A-2"): Policy(backorder_limit=90 * UNIT)}
    await services.catalogue.put_policies(CLERK, policies)
    waiting = await reserve(services, {"A-2": 60})
    await services.reservations.commit(BUYER, waiting.id, "ORDER-W")
    partly = await reserve(services, {"B-1": 1, "A-1": 2})
    await services.reservations.commit(BUYER, partly.id, "ORDER-Q", lines=[Line("A-1", UNIT)])
    done = await reserve(services, {"A-1": 1})
    await services.reservations.commit(BUYER, done.id, "ORDER-D")
    await services.reservations.fulfil(BUYER, done.id)
    await reserve(services, {"A-1": 2})
    states = await services.database.fetch("select distinct state from reservation")
    assert len(states) == 6
    return services


async def test_a_sound_ledger_has_no_findings(sound: Services) -> None:
    report = await sound.audit.run(CLERK)
    assert report.clean
    assert report.drift == []
    assert [finding.name for finding in report.findings] == [check.name for check in CHECKS]
    assert report.counts["movements"] == 9
    assert report.counts["reservations"] == 3


async def test_a_ledger_with_everything_that_can_happen_has_no_findings(full: Services) -> None:
    assert await broken_rules(full) == {}


@pytest.mark.parametrize(("rule", "statement"), TAMPERING)
async def test_tampering_is_found(
    full: Services, database_url: str, rule: str, statement: str
) -> None:
    await execute(database_url, statement)

    found = await broken_rules(full)

    assert rule in found
    assert not (await full.audit.run(CLERK)).clean


def test_every_rule_of_the_audit_is_tried_here() -> None:
    assert {rule for rule, _ in TAMPERING} == {check.name for check in CHECKS}


async def test_tampering_with_one_number_accuses_that_one_alone(
    sound: Services, database_url: str
) -> None:
    await execute(database_url, MORE_ON_HAND)
    assert await broken_rules(sound) == {
        "position_is_its_movements": [{"sku": "A-1", "location": "BER", "version": 6}]
    }


async def test_a_broken_ledger_shows_a_bounded_number_of_rows(
    sound: Services, database_url: str
) -> None:
    await execute(
        database_url,
        """insert into position select 'X-' || n, 'BER', 0, 0, 0, 0, 0, 0, 0, 1
           from generate_series(1, 100) n""",
    )
    found = await broken_rules(sound)
    assert len(found["position_is_its_movements"]) == ROWS_SHOWN


async def test_the_audit_needs_the_right_to_it(services: Services) -> None:
    nobody = Principal("nobody", CLERK.scopes - {"admin"})
    with pytest.raises(Forbidden):
        await services.audit.run(nobody)
    with pytest.raises(Forbidden):
        await services.audit.repair(nobody)


async def test_the_audit_sees_one_moment_while_others_write_and_holds_nobody_up(
    services: Services,
) -> None:
    await count(services, "A-1", 500)
    stop = asyncio.Event()

    async def buy() -> int:
        made = 0
        while not stop.is_set():
            held = await reserve(services)
            await services.reservations.release(BUYER, held.id)
            made += 1
        return made

    buyers = [asyncio.create_task(buy()) for _ in range(8)]
    reports = [await services.audit.run(CLERK) for _ in range(10)]
    stop.set()
    bought = await asyncio.gather(*buyers)

    assert all(report.clean for report in reports)
    assert all(bought)
    assert reports[-1].counts["movements"] > reports[0].counts["movements"]


def findings_shown(rule: str) -> float | None:
    return REGISTRY.get_sample_value("hub_audit_findings", {"rule": rule})


async def test_the_job_audits_at_its_interval_and_raises_its_voice(database_url: str) -> None:
    async with opened(database_url, audit_interval_seconds=1) as services:
        await put_shop(services)
        await count(services, "A-1", 10)
        stop = asyncio.Event()
        with capture_logs() as logs:
            job = asyncio.create_task(Auditing(services).run(stop))
            await eventually(lambda: any(line["event"] == "audit.clean" for line in logs))
            assert findings_shown("position_is_its_movements") == 0
            await execute(database_url, MORE_ON_HAND)
            await eventually(lambda: any(line["event"] == "audit.broken" for line in logs))
            stop.set()
            await asyncio.wait_for(job, 2)

    (told,) = {line["rule"]: line for line in logs if line["event"] == "audit.broken"}.values()
    assert told["log_level"] == "error"
    assert told["rule"] == "position_is_its_movements"
    assert told["first"]["sku"] == "A-1"
    assert findings_shown("position_is_its_movements") == 1
    assert findings_shown("lines_add_up") == 0
    assert (REGISTRY.get_sample_value("hub_audit_finished_timestamp_seconds") or 0) > 0


@pytest.mark.parametrize("never", [0, None])
async def test_the_job_never_audits_when_told_so(database_url: str, never: int | None) -> None:
    async with opened(database_url, audit_interval_seconds=never) as services:
        stop = asyncio.Event()
        with capture_logs() as logs:
            job = asyncio.create_task(Auditing(services).run(stop))
            await asyncio.sleep(0.2)
            stop.set()
            await asyncio.wait_for(job, 2)
    assert [line for line in logs if line["event"].startswith("audit")] == []


async def test_a_long_audit_is_given_up_when_the_process_is_to_end(database_url: str) -> None:
    async with opened(database_url, audit_interval_seconds=1) as services:
        await put_shop(services)
        stop = asyncio.Event()
        # The audit waits for this table as long as it is locked, as it would read a huge one.
        connection = await services.writer._lanes[0]._borrow()
        await connection.begin()
        await connection.connection.execute("lock table reservation_line in access exclusive mode")
        job = asyncio.create_task(Auditing(services).run(stop))

        async def waits() -> bool:
            rows = await services.database.fetch(
                """select from pg_stat_activity where application_name = 'availability-hub audit'
                   and datname = current_database() and wait_event_type = 'Lock'"""
            )
            return bool(rows)

        await eventually(waits)
        stop.set()
        await asyncio.wait_for(job, 3)
        assert not await waits()
        await connection.rollback()
        await connection.close()
