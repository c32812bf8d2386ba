"""Events out: each change is told, in commit order, under an id that stays."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.cloud_event import CloudEvent, EventType
from hub.domain.policies import Channel, Policy
from hub.domain.values import UNIT, Line
from hub.services import event_consumer
from hub.services.catalogue import CatalogueItem
from hub.services.event_consumer import EventBatch, EventConsumer, Manner
from hub.store.change_log import read_cursor
from hub.store.event_consumers import Overtaken
from tests.integration.ledger.test_change_log import CHANGED, Session
from tests.integration.shop import CLERK, SKUS, availability, count, execute, reserve

NAME = "test"


async def begun(services: Services) -> EventConsumer:
    """A consumer that has gone through the present state."""
    consumer = services.event_consumer(NAME, Manner.CHANGES)
    await consumer.begin()
    await told(consumer)
    return consumer


async def told(consumer: EventConsumer) -> list[CloudEvent]:
    """What a consumer is told until there is nothing more, each batch saved."""
    events = []
    for _ in range(1_000):
        batch = await taken(consumer)
        await consumer.save(batch)
        events += batch.events
        if batch.is_last:
            return events
    raise AssertionError("there is no end of it")


async def taken(consumer: EventConsumer) -> EventBatch:
    batch = await consumer.next()
    assert batch is not None
    return batch


def quantities(events: list[CloudEvent], channel: str = "web") -> list[tuple[str, float]]:
    """Items and their quantities, in the order in which they were told of."""
    return [(one.subject, one.data["quantity"]) for one in events if one.channel == channel]


async def test_a_change_is_told_in_each_channel_where_the_answer_is_another(
    services: Services,
) -> None:
    consumer = await begun(services)
    await count(services, "A-1", 7, "AMS")
    (event,) = await told(consumer)
    assert (event.type, event.subject, event.channel) == (
        EventType.AVAILABILITY_CHANGED,
        "A-1",
        "web",
    )
    assert event.data["quantity"] == 7
    await count(services, "A-1", 2, "BER")
    assert [(one.channel, one.data["quantity"]) for one in await told(consumer)] == [
        ("store", 2),
        ("web", 9),
    ]


async def test_an_item_that_was_touched_and_says_the_same_is_no_news(services: Services) -> None:
    await count(services, "A-1", 7)
    consumer = await begun(services)
    await count(services, "A-1", 8)
    await count(services, "A-1", 7)
    assert await told(consumer) == []
    await services.stock.transfer_stock(CLERK, "A-1", "BER", "AMS", 2 * UNIT)
    assert [one.channel for one in await told(consumer)] == ["store"]


async def test_a_new_consumer_is_told_of_what_changes_or_of_everything(services: Services) -> None:
    await count(services, "A-1", 7)
    changes = services.event_consumer("changes", Manner.CHANGES)
    await changes.begin()
    everything = services.event_consumer("everything", Manner.EVERYTHING)
    await everything.begin()
    await count(services, "B-1", 3)
    assert quantities(await told(changes)) == [("B-1", 3)]
    assert sorted(quantities(await told(everything))) == [
        ("A-1", 7),
        ("A-2", 0),
        ("B-1", 3),
        ("B-2", 0),
    ]


@pytest.mark.parametrize("changed", ["item", "component", "rules"])
async def test_what_changes_while_a_new_consumer_looks_at_everything_is_told(
    services: Services, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """It has read the log, and reads the items only after the change."""
    await services.catalogue.put_items(CLERK, [CatalogueItem("SET", "A set")])
    await services.catalogue.put_kits(CLERK, {"SET": [Line("A-1", UNIT)]})
    await count(services, "A-1", 7)
    consumer = services.event_consumer(NAME, Manner.CHANGES)
    await consumer.begin()

    async def read_and_change(*given: Any) -> list[str]:
        if changed == "rules":
            rule = {("channel", "web"): Policy(safety_stock=4 * UNIT)}
            await services.catalogue.put_policies(CLERK, rule)
        else:
            await count(services, "A-1", 3)
        monkeypatch.undo()
        return ["A-1"] if changed == "item" else ["SET"]

    monkeypatch.setattr(event_consumer, "read_skus_behind", read_and_change)
    events = [*await told(consumer), *await told(consumer)]
    assert ("A-1" if changed == "item" else "SET", 3) in quantities(events)


async def test_a_kit_is_told_of_with_its_components(services: Services) -> None:
    await services.catalogue.put_items(CLERK, [CatalogueItem("SET", "A set")])
    await services.catalogue.put_kits(CLERK, {"SET": [Line("A-1", 2 * UNIT)]})
    consumer = await begun(services)
    await count(services, "A-1", 7)
    assert sorted(quantities(await told(consumer))) == [("A-1", 7), ("SET", 3)]


async def test_each_state_of_a_reservation_is_told_under_its_version(services: Services) -> None:
    await count(services, "A-1", 7)
    consumer = await begun(services)

    id = (await reserve(services, {"A-1": 2})).id

    async def of_reservations() -> list[tuple[str, str]]:
        return [(one.type, one.id) for one in await told(consumer) if one.subject == id]

    assert await of_reservations() == [("reservation.held", f"{id}-1")]
    await services.reservations.extend(CLERK, id, 900)
    assert await of_reservations() == [("reservation.held", f"{id}-2")]
    await services.reservations.commit(CLERK, id, "O-1")
    assert await of_reservations() == [("reservation.committed", f"{id}-3")]
    await services.reservations.fulfil(CLERK, id)
    assert await of_reservations() == [("reservation.fulfilled", f"{id}-4")]


async def test_a_reservation_that_was_made_and_released_at_once_is_told_as_it_is(
    services: Services,
) -> None:
    await count(services, "A-1", 7)
    consumer = await begun(services)
    id = (await reserve(services, {"A-1": 2})).id
    await services.reservations.release(CLERK, id)
    assert [(one.type, one.subject) for one in await told(consumer)] == [
        ("reservation.released", id)
    ]


async def test_new_rules_tell_of_every_answer_that_they_change_and_of_no_other(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_consumer, "MAX_SWEPT", 3)
    for units, sku in enumerate(SKUS):
        await count(services, sku, units)
    consumer = await begun(services)
    await services.catalogue.put_policies(
        CLERK, {("channel", "store"): Policy(safety_stock=2 * UNIT)}
    )
    events = await told(consumer)
    assert quantities(events, "store") == [("A-1", 0), ("A-2", 0), ("B-1", 0), ("B-2", 1)]
    assert {event.data["breakdown"]["safetyStock"] for event in events} == {2}
    assert quantities(events, "web") == []
    await services.catalogue.put_items(CLERK, [CatalogueItem("A-1", "Another name")])
    assert await told(consumer) == []


async def test_a_new_channel_makes_no_flood_for_who_is_told_of_changes(services: Services) -> None:
    await count(services, "A-1", 7)
    consumer = await begun(services)
    channel = Channel("app", "App", "en", "EUR", ("AMS",))
    await services.catalogue.put_channels(CLERK, [channel], default="web")
    assert await told(consumer) == []
    await count(services, "A-1", 8, "AMS")
    assert quantities(await told(consumer), "app") == [("A-1", 8)]


async def test_what_was_not_saved_comes_again_under_the_same_ids(services: Services) -> None:
    consumer = await begun(services)
    await count(services, "A-1", 7)
    await reserve(services, {"A-1": 2})
    lost = await taken(consumer)
    again = await taken(consumer)
    assert [event.id for event in lost.events] == [event.id for event in again.events]
    assert len(lost.events) == 3

    await count(services, "A-1", 9)
    newer = await taken(consumer)
    ids = {event.id for event in lost.events}
    # What says something else is another event; who knows the first ones would pass it over.
    assert [event.data.get("quantity") for event in newer.events if event.id not in ids] == [7, 7]


async def test_a_state_that_comes_back_is_another_event(services: Services) -> None:
    consumer = await begun(services)
    ids = []
    for units in (5, 4, 5):
        await count(services, "A-1", units, "AMS")
        (event,) = await told(consumer)
        ids.append(event.id)
    assert len(set(ids)) == 3


async def test_one_of_two_processes_reads_and_the_other_goes_on_if_it_dies(
    services: Services, neighbour: Services, database_url: str
) -> None:
    one = await begun(services)
    other = neighbour.event_consumer(NAME, Manner.CHANGES)
    await count(services, "A-1", 7)
    batch = await taken(one)
    assert await other.next() is None

    await execute(database_url, "update event_consumer set held_until = now()")
    assert quantities(await told(other)) == [("A-1", 7)]
    with pytest.raises(Overtaken):
        await one.save(batch)
    assert await one.next() is None
    await other.let_go()
    assert await told(one) == []


async def test_what_belongs_to_a_batch_is_done_with_it_or_not_at_all(
    services: Services, neighbour: Services, database_url: str
) -> None:
    one = await begun(services)
    await count(services, "A-1", 7)
    await execute(database_url, "create table kept (id text)")
    batch = await taken(one)

    def keep(id: str) -> Callable[[object], Awaitable[None]]:
        async def also(client: object) -> None:
            await client.execute_query("insert into kept values ($1)", [id])  # type: ignore[attr-defined]

        return also

    await one.save(batch, keep("first"))
    with pytest.raises(Overtaken):
        await one.save(batch, keep("second"))
    kept = await services.database.fetch("select id from kept")
    assert kept == [{"id": "first"}]


async def test_a_log_that_is_not_the_one_it_was_read_from_is_told_and_everything_anew(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 7)
    await begun(services)
    restarted = await after_a_restore(services, database_url)
    reset, *rest = await told(restarted)
    assert reset.type is EventType.SYNC_RESET
    assert sorted(quantities(rest)) == [("A-1", 7), ("A-2", 0), ("B-1", 0), ("B-2", 0)]
    assert await told(restarted) == []


async def after_a_restore(services: Services, database_url: str) -> EventConsumer:
    """The consumer of a process that is started on a copy of the database: what was told last never
    happened."""
    await execute(
        database_url,
        "delete from change where xid = (select max(xid::text::bigint)::text::xid8 from change)",
        "update event_consumer set held_until = now()",
    )
    return services.event_consumer(NAME, Manner.CHANGES)


async def test_after_a_reset_an_item_is_told_that_is_touched_and_says_the_same(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 7)
    await begun(services)
    restarted = await after_a_restore(services, database_url)
    reset = await taken(restarted)
    await restarted.save(reset)
    await count(services, "A-1", 8)
    await count(services, "A-1", 7)
    assert sorted(quantities(await told(restarted))) == [
        ("A-1", 7),
        ("A-2", 0),
        ("B-1", 0),
        ("B-2", 0),
    ]


async def test_a_copy_that_is_restored_twice_is_told_under_other_ids(
    services: Services, database_url: str
) -> None:
    """Who passes over the ids that he knows would else keep what he was told between."""
    await count(services, "A-1", 7)
    await begun(services)
    (place,) = await services.database.fetch("select * from event_consumer")
    first = await told(await after_a_restore(services, database_url))
    await execute(database_url, f"update event_consumer set cursor = '{place['cursor']}'")
    second = await told(await after_a_restore(services, database_url))
    assert len(first) == len(second) == 9
    assert not {event.id for event in first} & {event.id for event in second}


async def test_what_changed_since_a_cursor_can_be_told_again(services: Services) -> None:
    consumer = await begun(services)
    await count(services, "A-1", 7)
    cursor = await read_cursor(services.database)
    await count(services, "A-2", 5)
    id = (await reserve(services, {"A-1": 2})).id
    first = await told(consumer)
    again = services.event_consumer("again", Manner.AGAIN)
    await again.begin(cursor)
    events = await told(again)
    changed = [event for event in events if event.type is EventType.AVAILABILITY_CHANGED]
    assert quantities(changed) == [("A-2", 5), ("A-1", 5)]
    assert [event.subject for event in events if event not in changed] == [id]
    assert {event.id for event in events} == {event.id for event in first}


async def test_a_long_transaction_is_told_when_it_commits_and_nothing_twice(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_consumer, "MAX_ENTRIES", 2)
    consumer = await begun(services)
    long = await Session.begun(database_url)
    await long.change("B-2")
    for units, sku in enumerate(("A-1", "A-2", "B-1"), 1):
        await count(services, sku, units)
    assert quantities(await told(consumer)) == [("A-1", 1), ("A-2", 2), ("B-1", 3)]
    # Stock that is changed behind the hub's back, so that there is news in the late row.
    await execute(
        database_url,
        """insert into position (sku, location, on_hand, unavailable, allocated, reserved,
             backordered, incoming, shortfall, version)
           values ('B-2', 'BER', 4000, 0, 0, 0, 0, 0, 0, 1)""",
    )
    assert await told(consumer) == []
    await long.end()
    assert quantities(await told(consumer)) == [("B-2", 4)]


@pytest.mark.parametrize("limit", [1, 2, 7])
async def test_a_pass_is_read_in_pieces_of_any_size_and_ends_in_the_present_state(
    services: Services,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
) -> None:
    """Rows of several items and several rows of one transaction are cut anywhere, and lose nothing
    while others write."""
    consumer = await begun(services)
    monkeypatch.setattr(event_consumer, "MAX_ENTRIES", limit)
    dice = random.Random(limit)
    known: dict[tuple[str, str], float] = {}

    async def write(number: int) -> None:
        await asyncio.gather(
            *(
                count(services, sku, dice.randint(0, 50), dice.choice(["BER", "AMS"]))
                for sku in dice.sample(SKUS, dice.randint(1, 4))
            )
        )
        if number % 5 == 0:
            # Two rows of one transaction, that name the same places.
            twice = CHANGED.format("A-1") + ";" + CHANGED.format("B-1")
            await execute(database_url, f"begin; {twice}; commit")

    async def apply(batch: EventBatch) -> None:
        for event in batch.events:
            assert event.channel is not None
            known[event.channel, event.subject] = event.data["quantity"]
        await consumer.save(batch)

    for number in range(15):
        await write(number)
        await apply(await taken(consumer))
    for _ in itertools.repeat(None, 1_000):
        batch = await taken(consumer)
        await apply(batch)
        if batch.is_last:
            break
    for channel, sku in itertools.product(("web", "store"), SKUS):
        answer = await availability(services, sku, channel, strong=True)
        assert known.get((channel, sku), 0) == answer.breakdown.available_to_order / UNIT
