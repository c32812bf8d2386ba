"""The door for events: stored once, or refused as a whole."""

import asyncio

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.errors import EventMismatch, Forbidden, HubError, InvalidInput, LimitExceeded
from hub.domain.principal import Principal
from hub.domain.values import UNIT
from hub.services.intake import MAX_EVENTS, Acceptance
from hub.store.database import connection_arguments
from tests.integration.events import adjusted, counted, inbox_states, placed, send
from tests.integration.shop import CLERK, broken_rules, position
from tests.waiting import eventually
from workers.ingest import Ingest

SESSIONS_THAT_WAIT = """
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'"""


async def stored(services: Services) -> int:
    return len(await inbox_states(services))


async def test_an_event_is_stored_once_and_takes_effect_once(services: Services) -> None:
    sale = adjusted(5, id="sale-1")
    assert await send(services, sale) == [Acceptance("sale-1", duplicate=False)]
    assert await send(services, sale) == [Acceptance("sale-1", duplicate=True)]
    await Ingest(services).drain()
    assert await send(services, sale) == [Acceptance("sale-1", duplicate=True)]
    await Ingest(services).drain()

    assert await stored(services) == 1
    assert (await position(services)).on_hand == 5 * UNIT


async def test_the_order_of_the_fields_does_not_make_another_payload(services: Services) -> None:
    sale = adjusted(5, id="sale-1")
    turned = {name: sale[name] for name in reversed(sale)}
    turned["data"] = {name: sale["data"][name] for name in reversed(sale["data"])}
    await send(services, sale)
    assert await send(services, turned) == [Acceptance("sale-1", duplicate=True)]


async def test_the_same_id_with_another_payload_is_refused_with_all_of_its_batch(
    services: Services,
) -> None:
    await send(services, adjusted(5, id="sale-1"))

    with pytest.raises(EventMismatch) as refused:
        await send(services, adjusted(1), adjusted(6, id="sale-1"), adjusted(1))

    assert refused.value.data == {"source": "shop", "event_id": "sale-1"}
    assert await stored(services) == 1


async def test_two_payloads_for_one_id_in_one_batch_are_refused(services: Services) -> None:
    with pytest.raises(EventMismatch):
        await send(services, adjusted(5, id="sale-1"), adjusted(6, id="sale-1"))
    assert await stored(services) == 0


async def test_an_event_twice_in_one_batch_is_one_event(services: Services) -> None:
    sale = adjusted(5, id="sale-1")
    assert await send(services, sale, sale) == [
        Acceptance("sale-1", duplicate=False),
        Acceptance("sale-1", duplicate=True),
    ]
    assert await stored(services) == 1


async def test_one_malformed_event_refuses_its_batch_and_says_which_it_is(
    services: Services,
) -> None:
    broken = adjusted(5)
    del broken["data"]["delta"]
    with pytest.raises(InvalidInput) as refused:
        await send(services, adjusted(1), broken, adjusted(1))
    assert refused.value.field == "[1].data.delta"
    assert await stored(services) == 0


async def test_the_same_id_of_two_sources_are_two_events(services: Services) -> None:
    for source in ("till-1", "till-2"):
        (accepted,) = await services.intake.accept_events(CLERK, source, [adjusted(5, id="1")])
        assert not accepted.duplicate
    await Ingest(services).drain()
    assert (await position(services)).on_hand == 10 * UNIT


async def test_a_hundred_duplicates_at_once_take_effect_once(
    services: Services, neighbour: Services
) -> None:
    sale = adjusted(5, id="sale-1")
    accepted = await asyncio.gather(
        *(send((services, neighbour)[turn % 2], sale) for turn in range(100))
    )
    await asyncio.gather(Ingest(services).drain(), Ingest(neighbour).drain())

    assert sum(not one.duplicate for (one,) in accepted) == 1
    assert (await position(services)).on_hand == 5 * UNIT
    assert await broken_rules(services) == {}


async def test_two_payloads_that_race_for_one_id_are_never_both_accepted(
    services: Services, neighbour: Services
) -> None:
    async def outcome(one: Services, number: int, delta: int) -> str:
        try:
            await send(one, adjusted(delta, id=f"sale-{number}"))
        except EventMismatch:
            return "mismatch"
        return "accepted"

    for number in range(30):
        outcomes = await asyncio.gather(
            *(outcome((services, neighbour)[turn % 2], number, turn + 1) for turn in range(6))
        )
        assert sorted(outcomes) == ["accepted"] + ["mismatch"] * 5


async def test_overlapping_batches_in_opposite_order_are_both_taken(
    services: Services, neighbour: Services, database_url: str
) -> None:
    sales = [adjusted(1, id=id) for id in ("sale-1", "sale-2", "sale-3")]
    blocker = await asyncpg.connect(**connection_arguments(database_url))
    await blocker.execute("begin")
    await blocker.execute(
        """insert into inbox (source, event_id, type, payload, payload_hash)
           values ('shop', 'sale-2', 'stock.set', '{}', '')"""
    )
    storing = asyncio.gather(send(services, *sales), send(neighbour, *sales[::-1]))
    # Both are in the midst of their events now, one from each end if they do it wrong.
    await eventually(lambda: blocker.fetchval(SESSIONS_THAT_WAIT), lambda waiting: waiting == 2)
    await blocker.execute("rollback")
    await blocker.close()

    accepted = await storing

    assert sum(not one.duplicate for batch in accepted for one in batch) == 3


async def test_a_request_has_at_least_one_event_and_not_too_many(services: Services) -> None:
    with pytest.raises(LimitExceeded):
        await send(services, *(adjusted(1) for _ in range(MAX_EVENTS + 1)))
    with pytest.raises(HubError):
        await send(services)
    assert await stored(services) == 0


async def test_who_may_not_send_stores_nothing(services: Services) -> None:
    reader = Principal("reader", CLERK.scopes - {"events:ingest"})
    with pytest.raises(Forbidden):
        await services.intake.accept_events(reader, "shop", [counted(5)])
    assert await stored(services) == 0


async def test_a_number_that_no_database_could_hold_is_refused_at_the_door(
    services: Services,
) -> None:
    for units in (10**400, 1e300, "1e400", "NaN", 0.0001, True):
        order = placed("O-1", 1)
        order["data"]["lines"][0]["quantity"] = units
        with pytest.raises(InvalidInput):
            await send(services, order)
    assert await stored(services) == 0
