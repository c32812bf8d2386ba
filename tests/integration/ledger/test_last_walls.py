"""What the tables themselves refuse, whoever writes."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from tests.conftest import Databases
from tests.integration.shop import execute

# Numbers: on hand, unavailable, allocated, reserved, backordered, incoming, shortfall, version.
NEW_POSITION = """
    insert into position (sku, location, on_hand, unavailable, allocated, reserved, backordered,
                          incoming, shortfall, version)
    values ('X', 'BER', {})"""
NEW_MOVEMENT = """
    insert into movement (sku, location, version, kind, on_hand, unavailable, allocated, reserved,
                          backordered, incoming, available_after, cause, actor, recorded_at)
    values ('X', 'BER', 1, '{}', 0, 0, 0, 1000, 0, 0, {}, 'c', 'a', now())"""
NEW_RESERVATION = """
    insert into reservation
        (id, state, channel, stage, first_stage, created_at, expires_at, version)
    values (gen_random_uuid(), '{}', 'web', 'CART', 'CART', now(), {}, 1)"""
# Numbers: quantity, held, backordered, allocated, fulfilled, released, moved and returned.
NEW_LINE = """
    insert into reservation_line
    values (gen_random_uuid(), 0, 'X', 'BER', {}, null, null, 1, null)"""
NEW_SUPPLY = "insert into supply_line values ('X', 'BER', 'PO-1', {}, now())"


@pytest.fixture(scope="module")
def lasting_database(postgres: Databases, migrated_template: str) -> Iterator[str]:
    """One database for all statements that are refused, for they leave nothing behind."""
    name = f"hub_test_{uuid4().hex}"
    asyncio.run(postgres.create_database(name, migrated_template))
    yield postgres.dsn(name)
    asyncio.run(postgres.drop_database(name))


@pytest.mark.parametrize(
    ("statement", "wall"),
    [
        (NEW_POSITION.format("1000, 0, 0, 1001, 0, 0, 0, 1"), "position_not_oversold"),
        (NEW_POSITION.format("1000, 0, 1001, 0, 0, 0, 0, 1"), "position_not_oversold"),
        (NEW_POSITION.format("1000, 600, 300, 200, 0, 0, 99, 1"), "position_not_oversold"),
        (NEW_POSITION.format("-1, 0, 0, 0, 0, 0, 0, 1"), "position_not_oversold"),
        (NEW_POSITION.format("0, -1, 0, 0, 0, 0, 0, 1"), "position_parts_not_negative"),
        (NEW_POSITION.format("0, 0, -1, 0, 0, 0, 0, 1"), "position_parts_not_negative"),
        (NEW_POSITION.format("0, 0, 0, -1, 0, 0, 0, 1"), "position_parts_not_negative"),
        (NEW_POSITION.format("0, 0, 0, 0, 0, -1, 0, 1"), "position_parts_not_negative"),
        (NEW_POSITION.format("0, 0, 0, 0, -1, 0, 0, 1"), "position_parts_not_negative"),
        (NEW_POSITION.format("5, 0, 0, 0, 0, 0, -1, 1"), "position_parts_not_negative"),
        (NEW_MOVEMENT.format("RESERVED", -1), "movement_reserves_what_is_free"),
        (NEW_RESERVATION.format("LOST", "now()"), "reservation_state_known"),
        (NEW_RESERVATION.format("HELD", "null"), "reservation_held_ends"),
        (NEW_LINE.format("1000, 999, 0, 0, 0, 0, 0, 0"), "reservation_line_adds_up"),
        (NEW_LINE.format("1000, 500, 0, 500, 500, 0, 0, 0"), "reservation_line_adds_up"),
        (NEW_LINE.format("1000, -1, 0, 1001, 0, 0, 0, 0"), "reservation_line_parts_not_negative"),
        (NEW_LINE.format("1000, 1001, -1, 0, 0, 0, 0, 0"), "reservation_line_parts_not_negative"),
        (NEW_LINE.format("1000, 1001, 0, 0, 0, 0, -1, 0"), "reservation_line_parts_not_negative"),
        (NEW_LINE.format("0, 0, 0, 0, 0, 0, 0, 0"), "reservation_line_parts_not_negative"),
        (NEW_LINE.format("1000, 0, 0, 0, 400, 600, 0, 401"), "reservation_line_parts_not_negative"),
        (NEW_SUPPLY.format("-1, 0"), "supply_line_parts_not_negative"),
        (NEW_SUPPLY.format("1000, -1"), "supply_line_parts_not_negative"),
    ],
)
async def test_a_row_that_breaks_a_rule_is_refused(
    lasting_database: str, statement: str, wall: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await execute(lasting_database, statement)
    assert refused.value.constraint_name == wall


async def test_rows_at_the_edge_of_the_rules_are_taken(database_url: str) -> None:
    await execute(
        database_url,
        NEW_POSITION.format("1000, 0, 0, 1000, 0, 0, 0, 1"),
        "update position set allocated = 500, shortfall = 500",
        NEW_MOVEMENT.format("RESERVED", 0),
        NEW_LINE.format("1000, 0, 0, 0, 400, 600, 0, 400"),
    )


async def test_a_movement_cannot_be_written_twice(database_url: str) -> None:
    await execute(database_url, NEW_MOVEMENT.format("RESERVED", 0))
    with pytest.raises(asyncpg.UniqueViolationError):
        await execute(database_url, NEW_MOVEMENT.format("RELEASED", 5))


async def test_an_event_cannot_be_stored_twice(database_url: str) -> None:
    statement = """insert into inbox (source, event_id, type, payload, payload_hash)
                   values ('till', '1', 'stock.set', '{}', '')"""
    await execute(database_url, statement)
    with pytest.raises(asyncpg.UniqueViolationError):
        await execute(database_url, statement)
