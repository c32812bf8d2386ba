"""The chain of digests: silent on an honest ledger, and it tells where one was tampered with."""

import asyncio
from datetime import timedelta

import pytest

from hub.bootstrap import Services
from hub.domain.errors import Forbidden
from hub.domain.principal import Principal
from hub.store import audit_chain
from hub.store.audit_chain import ChainReport
from hub.store.chain import link
from hub.store.ledger_connection import LedgerConnection
from hub.store.ledger_rows import MOVEMENT_COLUMNS
from tests.integration.ledger.histories import EVERY_KIND, make_history
from tests.integration.shop import CLERK, count, execute, reserve


@pytest.fixture
async def honest(services: Services, database_url: str) -> Services:
    """A ledger with an entry of every kind."""
    await make_history(services, database_url)
    return services


async def verified(services: Services) -> ChainReport:
    return await services.audit.verify_chains(CLERK)


async def test_an_honest_ledger_of_every_kind_of_entry_verifies(honest: Services) -> None:
    kinds = await honest.database.fetch("select distinct kind from movement")
    assert {row["kind"] for row in kinds} == EVERY_KIND
    batches = await honest.database.fetch("select count(*) as n from movement where chain is null")
    assert batches[0]["n"] > 0

    report = await verified(honest)

    assert report.broken == []
    assert report.clean
    rows = await honest.database.fetch(
        "select (select count(*) from movement) as m, (select count(*) from position) as p"
    )
    assert (report.movements, report.positions) == (rows[0]["m"], rows[0]["p"])


async def test_an_honest_ledger_verifies_in_small_steps_too(
    honest: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_one = await verified(honest)
    monkeypatch.setattr(audit_chain, "FETCHED", 3)
    heard: list[tuple[int, int]] = []

    report = await honest.audit.verify_chains(CLERK, tell=lambda *told: heard.append(told))

    assert report._replace(as_of=in_one.as_of) == in_one
    assert heard[-1] == (report.movements, report.movements)
    assert len(heard) == -(-report.movements // 3)


async def test_an_empty_ledger_verifies(services: Services) -> None:
    report = await verified(services)
    assert report.clean
    assert report.movements == report.positions == 0


OF_A1 = "where sku = 'A-1' and location = 'BER' and version"
TAMPERING = {
    "a changed quantity": (f"update movement set on_hand = on_hand + 1 {OF_A1} = 3", 3),
    "a changed reason": (f"update movement set reason = 'stolen' {OF_A1} = 2", 2),
    "a changed balance": (f"update movement set available_after = 0 {OF_A1} = 3", 3),
    "a changed kind": (f"update movement set kind = 'COUNTED' {OF_A1} = 2", 2),
    "a changed order": (f"update movement set order_id = 'X' {OF_A1} = 1", 1),
    "another reservation": (
        f"update movement set reservation_id = gen_random_uuid() {OF_A1} = 5",
        5,
    ),
    "a changed time": (
        f"update movement set recorded_at = recorded_at + interval '1 microsecond' {OF_A1} = 2",
        2,
    ),
    "a deleted entry": (f"delete from movement {OF_A1} = 3", 3),
    "a deleted first entry": (f"delete from movement {OF_A1} = 1", 1),
    "an entry moved to another position": (
        f"update movement set location = 'CPH' {OF_A1} = 3",
        3,
    ),
    "a deleted and renumbered entry": (
        f"""delete from movement {OF_A1} = 3;
            update movement set version = -version {OF_A1} > 3;
            update movement set version = -version - 1
            where sku = 'A-1' and location = 'BER' and version < 0;
            update position set version = version - 1 where sku = 'A-1' and location = 'BER'""",
        3,
    ),
    "an inserted entry": (
        f"""update movement set version = -version {OF_A1} > 3;
            update movement set version = 1 - version
            where sku = 'A-1' and location = 'BER' and version < 0;
            insert into movement
            select (jsonb_populate_record(m, '{{"version": 4}}')).* from movement m {OF_A1} = 3;
            update position set version = version + 1 where sku = 'A-1' and location = 'BER'""",
        4,
    ),
    "swapped actors": (
        """update movement m set actor = o.actor from movement o
            where m.sku = 'A-1' and m.location = 'BER' and m.version in (2, 5)
              and o.sku = 'A-1' and o.location = 'BER' and o.version = 7 - m.version""",
        2,
    ),
    "a deleted link": (f"update movement set chain = null {OF_A1} = 2", 2),
    "all links deleted": ("update movement set chain = null where sku = 'A-1'", 1),
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_tampering_is_found_and_where_it_begins(
    honest: Services, database_url: str, what: str
) -> None:
    statement, version = TAMPERING[what]
    await execute(database_url, statement)

    report = await verified(honest)

    at_berlin = [one for one in report.broken if one.location == "BER"]
    assert [(one.sku, one.version) for one in at_berlin] == [("A-1", version)]
    assert at_berlin[0].problem
    assert not report.clean


async def test_a_changed_time_within_a_batch_is_found(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 100)
    await asyncio.gather(*(reserve(services) for _ in range(20)))
    rows = await services.database.fetch(
        "select min(version) as v from movement where chain is null"
    )
    within = rows[0]["v"]
    assert within is not None
    await execute(
        database_url,
        f"""update movement set recorded_at = recorded_at - interval '1 day'
            where version = {within}""",
    )
    (broken,) = (await verified(services)).broken
    assert broken.version <= within


POSITION = "where sku = 'A-1' and location = 'BER'"


@pytest.mark.parametrize(
    "statement",
    [
        f"update position set chain = '\\x00' {POSITION}",
        f"update position set chain = null {POSITION}",
        f"update position set version = version + 1 {POSITION}",
        f"update position set version = version - 1 {POSITION}",
        f"delete from position {POSITION}",
        """delete from movement m using position p
            where p.sku = 'A-1' and p.location = 'BER' and m.sku = p.sku
              and m.location = p.location and m.version = p.version""",
    ],
    ids=["chain", "no chain", "later", "earlier", "no position", "newest entry deleted"],
)
async def test_a_position_that_does_not_stand_at_its_newest_link_is_found(
    honest: Services, database_url: str, statement: str
) -> None:
    await execute(database_url, statement)
    (broken,) = (await verified(honest)).broken
    assert (broken.sku, broken.location) == ("A-1", "BER")


async def test_a_position_whose_entries_are_all_gone_is_found(
    honest: Services, database_url: str
) -> None:
    await execute(database_url, f"delete from movement {POSITION}")
    (broken,) = (await verified(honest)).broken
    assert (broken.sku, broken.location, broken.version) == ("A-1", "BER", 1)


async def test_two_entries_of_one_number_in_different_months_are_found(
    honest: Services, database_url: str
) -> None:
    await execute(
        database_url,
        f"""insert into movement
            select (jsonb_populate_record(m, '{{"recorded_at": "2020-01-01T00:00:00Z"}}')).*
            from movement m {OF_A1} = 2""",
    )
    (broken,) = (await verified(honest)).broken
    assert broken.version in (2, 3)


async def test_the_chain_goes_on_behind_a_break_and_never_heals(
    honest: Services, database_url: str
) -> None:
    await execute(database_url, TAMPERING["a changed quantity"][0])
    await count(honest, "A-1", 10)
    (broken,) = (await verified(honest)).broken
    assert broken.version == 3


async def rewrite(services: Services, database_url: str, sku: str) -> None:
    """Do what a forger with the whole database can: change an entry and link all anew."""
    rows = await services.database.fetch(
        f"""select {MOVEMENT_COLUMNS.replace("m.reservation_id", "m.reservation_id::text")},
                   m.recorded_at from movement m
            where sku = $1 and location = 'BER' order by version""",
        [sku],
    )
    before = None
    for row in rows:
        values = list(row.values())
        if row["version"] == 1:
            values[list(row).index("actor")] = "nobody"
        before = link(before, [values[:-1]], row["recorded_at"])
        where = f"where sku = '{sku}' and location = 'BER' and version = {row['version']}"
        await execute(
            database_url,
            f"update movement set actor = '{values[list(row).index('actor')]}' {where}",
            f"update movement set chain = '\\x{before.hex()}' {where}",
            f"update position set chain = '\\x{before.hex()}' {where}",
        )


async def test_a_root_that_was_noted_finds_a_ledger_that_was_rewritten_as_a_whole(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 10)
    await count(services, "B-1", 10)
    noted = await verified(services)
    for _ in range(3):
        await reserve(services)
    await count(services, "B-2", 3)

    later = await services.audit.verify_chains(CLERK, noted.as_of)
    assert (later.root, later.as_of) == (noted.root, noted.as_of)
    now = await verified(services)
    assert now.root != noted.root

    await rewrite(services, database_url, "A-1")
    forged = await services.audit.verify_chains(CLERK, noted.as_of)
    assert forged.clean
    assert forged.root != noted.root


async def test_the_root_leaves_out_what_a_batch_under_way_may_still_bring(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 10)
    connection = await LedgerConnection.open(database_url)
    await connection.begin()
    await connection.lock([])
    began = await connection.connection.fetchval("select now()")
    await count(services, "B-1", 10)
    report = await verified(services)
    await connection.rollback()
    await connection.close()

    assert report.as_of == began
    far = report.as_of + timedelta(days=1)
    assert (await services.audit.verify_chains(CLERK, far)).as_of < far


async def test_verifying_needs_the_right_to_it(services: Services) -> None:
    with pytest.raises(Forbidden):
        await services.audit.verify_chains(Principal("nobody", CLERK.scopes - {"admin"}))
