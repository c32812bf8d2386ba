"""The audit: silent on a sound ledger, and it finds each kind of tampering."""

from datetime import timedelta

import pytest

from hub.bootstrap import Services
from hub.domain.errors import Forbidden
from hub.domain.principal import Principal
from hub.domain.values import UNIT
from hub.store.audit import CHECKS, ROWS_SHOWN
from tests.integration.shop import BUYER, CLERK, broken_rules, count, execute, reserve

MORE_ON_HAND = "update position set on_hand = on_hand + 1000 where sku = 'A-1'"
LESS_HELD = "update reservation_line set held = held - 1000, released = released + 1000"

TAMPERING = [
    ("position_is_its_movements", MORE_ON_HAND),
    ("position_is_its_movements", "update position set version = version + 1"),
    ("position_is_its_movements", "delete from movement where sku = 'A-1' and version = 2"),
    ("position_is_its_movements", "delete from movement where sku = 'A-1'"),
    ("position_is_its_movements", "delete from position where sku = 'B-1'"),
    ("position_is_its_movements", "update movement set reserved = reserved + 1 where version = 2"),
    (
        "balance_is_its_movements",
        "update movement set available_after = available_after + 1 where sku = 'B-1'",
    ),
    (
        "reserved_is_what_is_held",
        f"{LESS_HELD} where held > 1000",
    ),
    (
        "reserved_is_what_is_held",
        """update reservation_line set allocated = 0, fulfilled = allocated
           where allocated > 0 and line = 0""",
    ),
    ("incoming_is_open_supply", "update supply_line set quantity = quantity + 1"),
    ("incoming_is_open_supply", "delete from supply_line"),
    ("shortfall_is_what_is_lacking", "update position set shortfall = 1 where sku = 'A-1'"),
    ("reservation_state_is_its_lines", "update reservation set state = 'RELEASED'"),
    ("reservation_state_is_its_lines", "update reservation set state = 'EXPIRED'"),
    (
        "reservation_state_is_its_lines",
        "update reservation set state = 'FULFILLED' where state = 'COMMITTED'",
    ),
    (
        "reservation_state_is_its_lines",
        "delete from reservation_line where allocated > 0",
    ),
    ("no_line_without_reservation", "delete from reservation"),
    (
        "holds_end_in_time",
        "update reservation set expires_at = now() - interval '6 s' where state = 'HELD'",
    ),
]


@pytest.fixture
async def sound(services: Services) -> Services:
    """A ledger with a bit of everything."""
    await count(services, "A-1", 10)
    await count(services, "B-1", 10)
    await services.stock.schedule_supply(
        CLERK, "B-1", "BER", 5 * UNIT, services.clock.now() + timedelta(days=3), "PO-1"
    )
    await reserve(services, {"A-1": 2, "B-1": 2})
    ordered = await reserve(services, {"A-1": 1})
    await services.reservations.commit(BUYER, ordered.id, "ORDER-1")
    released = await reserve(services, {"A-1": 3})
    await services.reservations.release(BUYER, released.id)
    return services


async def test_a_sound_ledger_has_no_findings(sound: Services) -> None:
    report = await sound.audit.run(CLERK)
    assert report.clean
    assert [finding.name for finding in report.findings] == [check.name for check in CHECKS]
    assert report.counts["movements"] == 9
    assert report.counts["reservations"] == 3


@pytest.mark.parametrize(("rule", "statement"), TAMPERING)
async def test_tampering_is_found(
    sound: Services, database_url: str, rule: str, statement: str
) -> None:
    await execute(database_url, statement)

    found = await broken_rules(sound)

    assert rule in found
    assert not (await sound.audit.run(CLERK)).clean


def test_every_rule_of_the_audit_is_tried_here() -> None:
    assert {rule for rule, _ in TAMPERING} == {check.name for check in CHECKS}


async def test_tampering_with_one_number_accuses_that_one_alone(
    sound: Services, database_url: str
) -> None:
    await execute(database_url, MORE_ON_HAND)
    assert await broken_rules(sound) == {
        "position_is_its_movements": [
            {"sku": "A-1", "location": "BER", "version": 6, "movements": 6}
        ]
    }


async def test_a_broken_ledger_shows_a_bounded_number_of_rows(
    sound: Services, database_url: str
) -> None:
    await execute(
        database_url,
        """insert into position select 'X-' || n, 'BER', 0, 0, 0, 0, 0, 0, 1, null
           from generate_series(1, 100) n""",
    )
    found = await broken_rules(sound)
    assert len(found["position_is_its_movements"]) == ROWS_SHOWN


async def test_the_audit_needs_the_right_to_it(services: Services) -> None:
    nobody = Principal("nobody", CLERK.scopes - {"admin"})
    with pytest.raises(Forbidden):
        await services.audit.run(nobody)
