"""Messages of real brokers become stock: all of them, once, and whatever dies meanwhile."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import nats
import pytest
from nats.js.api import StreamConfig
from redis.asyncio import Redis

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.domain.source_deliveries import SourceDeliveryState
from hub.domain.source_streams import DEFAULT_GROUP
from tests.integration.events import adjusted
from tests.integration.outages import mortal_postgres
from tests.integration.shop import CLERK, available, opened, put_shop, sound
from tests.integration.streams.brokers import Broker
from tests.integration.streams.reading import ADDRESS, body, deliveries, put_source, reading
from tests.waiting import eventually
from workers.streams import streams, taking
from workers.streams.brokers import reader_of
from workers.streams.messages import Acknowledge, Message, StreamWrong

WITHIN_SECONDS = 20.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(taking, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(taking, "MAX_RETRY_SECONDS", 0.5)
    monkeypatch.setattr(taking, "STEADY_SECONDS", 0.0)


async def arrive(services: Services, units: float) -> None:
    """All that was sent comes to so many units."""
    await eventually(lambda: available(services), lambda has: has == units, WITHIN_SECONDS)


async def test_what_arrives_is_applied_and_what_is_wrong_holds_up_nothing(
    services: Services, broker: Broker
) -> None:
    stream = await put_source(services, broker)
    await broker.prepare(stream)
    async with reading(services, {ADDRESS: broker.url}) as told:
        await broker.send(stream, body(adjusted(5)), b"no event", body(adjusted(1, sku="NONE")))
        await broker.send(stream, body(adjusted(2)), headers={"content-type": "application/json"})
        await arrive(services, 7)
        assert told.heard_of[0] == "acme"
        # What is refused may have come by itself.
        of_messages = ("body: is not JSON", "all that it sent was refused; first: ")
        assert all(one.startswith(of_messages) for one in told.problems)
    assert await broker.left(stream) == 0
    kept = await deliveries(services)
    states = [one.state for one in kept]
    refused, accepted = SourceDeliveryState.REFUSED, SourceDeliveryState.ACCEPTED
    assert sorted(states) == [accepted, accepted, refused, refused]
    codes = {one.code for delivery in kept for one in delivery.report.findings}
    assert codes == {"INVALID_INPUT", "UNKNOWN_SKU"}


@pytest.mark.slow
async def test_what_a_reader_took_and_never_acknowledged_goes_to_another_one(
    services: Services, broker: Broker
) -> None:
    stream = await put_source(services, broker)
    await broker.prepare(stream)
    source = (await services.sources.get(CLERK, "acme")).source
    assert source.stream is not None
    received = asyncio.Event()

    async def take(messages: Sequence[Message], acknowledge: Acknowledge) -> None:
        received.set()
        await asyncio.Event().wait()

    async def die_after_receipt() -> None:
        assert source.stream is not None
        async with reader_of(source.stream)(source.stream, broker.url, take):
            await received.wait()

    await broker.send(stream, body(adjusted(5)))
    await asyncio.wait_for(die_after_receipt(), WITHIN_SECONDS)
    assert await broker.left(stream) == 1
    async with reading(services, {ADDRESS: broker.url}):
        await arrive(services, 5)
        await broker.send(stream, body(adjusted(1)))
        await arrive(services, 6)
    assert await broker.left(stream) == 0


@pytest.mark.slow
async def test_a_broker_that_was_away_is_read_again(services: Services, broker: Broker) -> None:
    stream = await put_source(services, broker)
    await broker.prepare(stream)
    async with reading(services, {ADDRESS: broker.url}) as told:
        await broker.send(stream, body(adjusted(5)))
        await arrive(services, 5)
        broker.interrupt()
        await eventually(lambda: told.problems, within_seconds=WITHIN_SECONDS)
        broker.resume()
        await broker.send(stream, body(adjusted(2)))
        await arrive(services, 7)
    assert await broker.left(stream) == 0
    assert not any("Traceback" in problem for problem in told.problems)


async def test_while_the_database_is_away_nothing_is_acknowledged(
    tmp_path: Path, redis_broker: Broker
) -> None:
    async with (
        mortal_postgres(tmp_path / "postgres", durable=True) as postgres,
        opened(postgres.url) as services,
    ):
        await put_shop(services)
        stream = await put_source(services, redis_broker)
        async with (
            reading(services, {ADDRESS: redis_broker.url}),
            Redis.from_url(redis_broker.url) as client,
        ):
            await redis_broker.send(stream, body(adjusted(5)))
            await arrive(services, 5)
            await postgres.crash()
            await redis_broker.send(stream, body(adjusted(2)))

            async def pending() -> int:
                found: int = (await client.xpending(stream, DEFAULT_GROUP))["pending"]
                return found

            await eventually(pending, within_seconds=WITHIN_SECONDS)
            await postgres.start()
            await eventually(pending, lambda left: left == 0, WITHIN_SECONDS)

            async def units() -> float | None:
                try:
                    return await available(services)
                except Unavailable:
                    # Other connections of the pool find out by themselves that it was away.
                    return None

            await eventually(units, lambda has: has == 7, WITHIN_SECONDS)
        assert await sound(services)


async def test_a_group_that_is_gone_is_made_again_and_nothing_counts_twice(
    services: Services, redis_broker: Broker
) -> None:
    stream = await put_source(services, redis_broker)
    async with (
        reading(services, {ADDRESS: redis_broker.url}) as told,
        Redis.from_url(redis_broker.url) as client,
    ):
        await redis_broker.send(stream, body(adjusted(5)))
        await arrive(services, 5)
        await client.xgroup_destroy(stream, DEFAULT_GROUP)
        await eventually(lambda: told.problems)
        await redis_broker.send(stream, body(adjusted(1)))
        await arrive(services, 6)
    assert len(await deliveries(services)) == 2


async def test_a_server_that_became_a_replica_is_told_of(
    services: Services, redis_broker: Broker
) -> None:
    stream = await put_source(services, redis_broker)
    async with (
        reading(services, {ADDRESS: redis_broker.url}) as told,
        Redis.from_url(redis_broker.url) as client,
    ):
        await redis_broker.send(stream, body(adjusted(5)))
        await arrive(services, 5)
        await client.replicaof("127.0.0.1", "1")
        try:
            await eventually(lambda: told.problems)
        finally:
            await client.replicaof("NO", "ONE")
        await redis_broker.send(stream, body(adjusted(1)))
        await arrive(services, 6)


async def test_two_sources_do_not_share_a_consumer_of_nats(
    services: Services, brokers: Callable[[str], Broker]
) -> None:
    broker = brokers("nats")
    one, other = "warehouse.one", "warehouse.other"
    client = await nats.connect(broker.url)
    await client.jetstream().add_stream(StreamConfig(name="WAREHOUSES", subjects=["warehouse.*"]))
    await client.close()
    await put_source(services, broker, one)
    async with reading(services, {ADDRESS: broker.url}):
        await broker.send(one, body(adjusted(5)))
        await arrive(services, 5)
    await put_source(services, broker, other)
    async with reading(services, {ADDRESS: broker.url}) as told:
        await broker.send(one, body(adjusted(9)))
        problems = await eventually(lambda: told.problems, within_seconds=WITHIN_SECONDS)
        assert problems[0].endswith("reads warehouse.one: name another group")
        await put_source(services, broker, other, group="other")
        await broker.send(other, body(adjusted(1)))
        await arrive(services, 6)


async def test_a_source_is_read_as_it_is_put_changed_and_removed(
    services: Services, redis_broker: Broker
) -> None:
    async with reading(services, {ADDRESS: redis_broker.url}):
        old = await put_source(services, redis_broker)
        await redis_broker.send(old, body(adjusted(5)))
        await arrive(services, 5)
        new = await put_source(services, redis_broker)
        await redis_broker.send(new, body(adjusted(2)))
        await arrive(services, 7)
        await services.sources.remove(CLERK, "acme")

        async def readers() -> int:
            async with Redis.from_url(redis_broker.url) as client:
                return len(await client.xinfo_consumers(new, DEFAULT_GROUP))

        await eventually(readers, lambda many: many == 0)
        await redis_broker.send(old, body(adjusted(9)))
        await redis_broker.send(new, body(adjusted(9)))
    assert await available(services) == 7


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "the variable ACME_STREAM_URL, which names the broker, is not set"),
        (
            {ADDRESS: "http://me:pass@host/"},
            "ACME_STREAM_URL must hold a URL that begins with redis:// or rediss://, and a host",
        ),
    ],
)
async def test_a_stream_that_nobody_can_reach_is_told_of_in_a_sentence(
    services: Services, redis_broker: Broker, environment: dict[str, str], says: str
) -> None:
    await put_source(services, redis_broker)
    async with reading(services, environment) as told:
        await eventually(lambda: told.problems)
        assert set(told.problems) == {says}


async def test_the_tries_of_an_outage_count_as_one_failure_for_a_while(
    services: Services, redis_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def refuse(*_: object) -> str:
        nonlocal tries
        tries += 1
        raise StreamWrong(f"refused the {tries}. time")

    monkeypatch.setattr(taking, "check_address", refuse)
    monkeypatch.setattr(taking, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(taking, "MAX_RETRY_SECONDS", 0.001)
    await put_source(services, redis_broker)
    async with reading(services, {}) as told:
        await eventually(lambda: tries, lambda many: many > 5)
        assert told.problems == ["refused the 1. time"]
        monkeypatch.setattr(taking, "FAILURE_SECONDS", 0.0)
        await eventually(lambda: told.problems, lambda many: len(many) > 3)


async def test_a_client_that_is_not_installed_is_told_of_in_a_sentence(
    services: Services, redis_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "workers.streams.redis_streams", None)
    await put_source(services, redis_broker)
    async with reading(services, {ADDRESS: redis_broker.url}) as told:
        await eventually(lambda: told.problems)
    assert told.problems[0].endswith("pip install 'availability-hub[streams]'")


@pytest.mark.parametrize("kind", ["rabbitmq", "nats"])
async def test_a_stream_that_is_not_there_is_waited_for(
    services: Services, brokers: Callable[[str], Broker], kind: str
) -> None:
    broker = brokers(kind)
    stream = await put_source(services, broker)
    async with reading(services, {ADDRESS: broker.url}) as told:
        problems = await eventually(lambda: told.problems, within_seconds=WITHIN_SECONDS)
        assert problems[0].startswith(("there is no queue", "no stream keeps")), problems
        assert told.answered_of == []
        await broker.prepare(stream)
        # It fails no longer, though nothing has come.
        await eventually(lambda: told.answered_of, within_seconds=WITHIN_SECONDS)
        await broker.send(stream, body(adjusted(3)))
        await arrive(services, 3)


async def test_what_is_too_large_is_refused_and_not_kept(
    database_url: str, redis_broker: Broker
) -> None:
    async with opened(database_url, max_event_bytes=1_000) as services:
        await put_shop(services)
        stream = await put_source(services, redis_broker)
        async with reading(services, {ADDRESS: redis_broker.url}) as told:
            await redis_broker.send(stream, b" " * 1_001, body(adjusted(5)))
            await arrive(services, 5)
            await redis_broker.send(stream, b" " * 1_002)
            problems = await eventually(lambda: told.problems)
            assert problems[0].startswith("The size of a message in bytes")
        refused = next(
            one for one in await deliveries(services) if one.state is SourceDeliveryState.REFUSED
        )
        assert refused.report.findings[0].code == "LIMIT_EXCEEDED"
        assert refused.received.body == b""
