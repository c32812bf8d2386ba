"""Events reach the topics of real brokers: all of them, in order for each item, under ids that
stay."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from hub.bootstrap import Services
from tests.asyncapi_checks import MESSAGES, faults_of, unknown_members
from tests.integration.publication.topics import (
    Freezable,
    MockKafkaTopic,
    MortalTopic,
    NatsTopic,
    RabbitTopic,
    RedisTopic,
    Topic,
    assert_in_order,
    newest,
    once,
)
from tests.integration.shop import CLERK, SKUS, available, count, opened, reserve
from tests.waiting import eventually
from workers.publication import kafka, nats_jetstream, publication, rabbitmq, redis_streams
from workers.publication.broker import (
    Broker,
    BrokerAway,
    Message,
    UnknownBroker,
    broker_url_from,
    waves_of,
)
from workers.publication.brokers import broker_of
from workers.publication.publication import Publication

KINDS: dict[str, Callable[[Path], MortalTopic]] = {
    "redis": RedisTopic,
    "rabbitmq": RabbitTopic,
    "nats": NatsTopic,
}
WITHIN_SECONDS = 30.0


@pytest.fixture(params=KINDS)
def mortal_topic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MortalTopic]:
    """A topic of each broker, which may be killed."""
    topic = KINDS[request.param](tmp_path)
    topic.start()
    yield topic
    topic.stop()


@pytest.fixture(params=[*KINDS, "mock of kafka"])
def topic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Freezable]:
    """A topic of each broker."""
    if request.param == "mock of kafka":
        mock = MockKafkaTopic()
        yield mock
        mock.stop()
        return
    started = KINDS[request.param](tmp_path)
    started.start()
    yield started
    started.stop()


@asynccontextmanager
async def publishing(services: Services, url: str) -> AsyncIterator[None]:
    """The job runs meanwhile."""
    stop = asyncio.Event()
    running = asyncio.create_task(Publication(services, url).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def arrives(topic: Topic, services: Services) -> None:
    """What is published last of each item is what the hub says of it."""
    ours = {sku: await available(services, sku, "web", strong=True) for sku in SKUS}
    await eventually(lambda: newest(topic), lambda has: has == ours, WITHIN_SECONDS)


async def test_every_change_arrives_as_a_cloud_event_in_order(
    services: Services, topic: Topic
) -> None:
    await topic.prepare()
    async with publishing(services, topic.url):
        for units in range(1, 6):
            for sku in SKUS:
                await count(services, sku, units)
        held = await reserve(services, {"A-1": 2})
        await services.reservations.release(CLERK, held.id)
        await arrives(topic, services)
        await eventually(
            topic.read,
            lambda messages: any(one.type == "reservation.released" for one in messages),
            WITHIN_SECONDS,
        )
    messages = await topic.read()
    assert_in_order(messages)
    for message in messages:
        assert message.event["id"] == message.id
        assert message.event["type"] == message.type
        assert message.event["subject"] == message.key
        assert faults_of(message.type, message.event) == []
        assert unknown_members(MESSAGES[message.type]["payload"], message.event) == []
        assert message.event["source"] == "urn:availability-hub"


async def test_a_broker_that_is_killed_again_and_again_gets_everything(
    services: Services, mortal_topic: MortalTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "MAX_RETRY_SECONDS", 0.5)
    await mortal_topic.prepare()
    rng = random.Random(1)
    async with publishing(services, mortal_topic.url):
        for _ in range(3):
            for _ in range(rng.randrange(10, 40)):
                await count(services, rng.choice(SKUS), rng.randrange(1_000))
            mortal_topic.kill()
            for _ in range(rng.randrange(10, 40)):
                await count(services, rng.choice(SKUS), rng.randrange(1_000))
            await asyncio.to_thread(mortal_topic.start)
        await arrives(mortal_topic, services)
    assert_in_order(await mortal_topic.read())


async def test_a_broker_that_freezes_is_let_go_of_and_gets_nothing_late(
    topic: Freezable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (kafka, nats_jetstream, rabbitmq, redis_streams):
        monkeypatch.setattr(module, "CONFIRM_SECONDS", 1.0)
    await topic.prepare()
    _, broker = broker_of(topic.url)
    tasks, sockets = len(asyncio.all_tasks()), connections()
    await broker.publish(numbered("first", 3))
    topic.freeze()
    try:
        for name in ("late", "later", "latest"):
            with pytest.raises(BrokerAway):
                # More than fits on the way to a broker that does not read.
                await broker.publish(numbered(name, 1_000, padding=8_000))
            async with asyncio.timeout(5):
                await broker.aclose()
        await eventually(lambda: len(asyncio.all_tasks()), lambda now: now <= tasks)
        await eventually(connections, lambda now: now <= sockets)
    finally:
        topic.thaw()
    # With keys enough for each partition there may be.
    new, end = numbered("new", 100), numbered("end", 100)
    await eventually(lambda: publishes(broker, new), within_seconds=WITHIN_SECONDS)
    # What was sent before it froze may come out of order with that of another try, but not later.
    await broker.publish(end)
    await broker.aclose()
    tries: dict[int, list[str]] = {}
    for one in await topic.read():
        tries.setdefault(one.partition, []).append(one.id.partition("-")[0])
    for found in tries.values():
        assert set(found[found.index("new") :]) == {"new", "end"}


def numbered(name: str, count: int, padding: int = 0) -> list[Message]:
    """Messages, each with a key of its own."""
    event = {"type": "availability.changed", "padding": "x" * padding}
    return [
        Message(
            f"{name}-{place}",
            "availability.changed",
            f"{place}",
            orjson.dumps({**event, "subject": f"{place}"}),
        )
        for place in range(count)
    ]


async def publishes(broker: Broker, messages: list[Message]) -> bool:
    """Whether the broker confirms."""
    try:
        await broker.publish(messages)
    except BrokerAway:
        await broker.aclose()
        return False
    return True


def connections() -> int:
    """How many sockets this process has."""
    return sum(
        os.path.realpath(one.path).rpartition("/")[2].startswith("socket:")
        for one in os.scandir("/proc/self/fd")
    )


async def test_a_consumer_that_the_database_forgot_begins_anew(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "STAND_BACK_SECONDS", 0.1)
    topic = RedisTopic(tmp_path)
    topic.start()
    try:
        async with publishing(services, topic.url):
            await arrives(topic, services)
            await services.database.fetch("delete from event_consumer")
            await count(services, "A-1", 7)
            await arrives(topic, services)
    finally:
        topic.stop()


async def test_while_the_broker_is_away_only_the_newest_is_kept_to_be_told(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "MAX_RETRY_SECONDS", 0.2)
    topic = NatsTopic(tmp_path)
    topic.start()
    try:
        async with publishing(services, topic.url):
            await count(services, "A-1", 5)
            await eventually(lambda: _stream_or_nothing(topic), lambda has: has.get("A-1") == 5)
            before = len(await topic.read())
            topic.kill()
            for units in range(100, 200):
                await count(services, "A-1", units)
            await asyncio.to_thread(topic.start)
            await arrives(topic, services)
        # One in each channel for the try that the crash met, and one for the end.
        assert len(await topic.read()) - before <= 4
    finally:
        topic.stop()


async def _stream_or_nothing(topic: Topic) -> dict[str, float]:
    try:
        return await newest(topic)
    except Exception:  # noqa: BLE001 - nobody has published yet
        return {}


async def test_of_two_processes_one_publishes_and_the_other_takes_over(
    services: Services, database_url: str, tmp_path: Path
) -> None:
    topic = RedisTopic(tmp_path)
    topic.start()
    try:
        async with opened(database_url) as other, publishing(other, topic.url):
            async with publishing(services, topic.url):
                for units in range(1, 30):
                    await count(services, "A-1", units)
                await arrives(topic, services)
            await count(services, "A-2", 7)
            await arrives(topic, services)
        messages = await topic.read()
        assert len(once(messages)) == len(messages)
        assert_in_order(messages)
    finally:
        topic.stop()


async def test_a_process_that_begins_where_nothing_was_published_tells_everything_first(
    services: Services, tmp_path: Path
) -> None:
    for sku in SKUS:
        await count(services, sku, 3)
    topic = RedisTopic(tmp_path)
    topic.start()
    try:
        async with publishing(services, topic.url):
            await arrives(topic, services)
    finally:
        topic.stop()


def test_of_one_item_a_wave_has_one_message() -> None:
    def messages(keys: str) -> list[Message]:
        return [Message(str(place), "t", key, b"") for place, key in enumerate(keys)]

    def keys(text: str) -> list[str]:
        return ["".join(one.key for one in wave) for wave in waves_of(messages(text))]

    assert keys("abcab") == ["abc", "ab"]
    assert keys("aab") == ["a", "ab"]
    assert keys("") == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://broker/", "must with one of"),
        ("redis://broker/0?topic=a.b", "topic"),
        ("redis://broker/0?max_length=none", "max_length"),
        ("redis:///0", "names no host"),
    ],
)
def test_a_url_that_names_no_topic_is_refused_with_a_sentence(url: str, says: str) -> None:
    with pytest.raises(UnknownBroker, match=says):
        broker_of(url)


def test_a_topic_is_known_without_its_secrets() -> None:
    target = broker_url_from("amqps://me:secret@rabbit:5671/shop?topic=stock&max_length=5")
    assert target.name == "amqps://rabbit:5671/shop?topic=stock"
    assert target.url == "amqps://me:secret@rabbit:5671/shop"
    assert (target.topic, target.max_length) == ("stock", 5)


@pytest.mark.parametrize(
    ("url", "protocol", "login"),
    [
        ("kafka://one:9092,two:9092", "PLAINTEXT", (None, None)),
        ("kafkas://one:9092,two:9092", "SSL", (None, None)),
        ("kafka://me:s%40cret@one:9092,two:9092", "SASL_PLAINTEXT", ("me", "s@cret")),
        ("kafkas://me:s%40cret@one:9092,two:9092", "SASL_SSL", ("me", "s@cret")),
    ],
)
async def test_the_client_of_kafka_logs_in_as_the_url_says(
    url: str, protocol: str, login: tuple[str | None, str | None]
) -> None:
    options = kafka.connection_options(broker_url_from(url).url)
    assert options["bootstrap_servers"] == ["one:9092", "two:9092"]
    assert options["security_protocol"] == protocol
    assert (options.get("sasl_plain_username"), options.get("sasl_plain_password")) == login
    context = options.get("ssl_context")
    assert (context is not None) == protocol.endswith("SSL")
    assert context is None or (context.check_hostname and context.verify_mode)
    # It takes them together.
    await AIOKafkaProducer(**options).stop()
