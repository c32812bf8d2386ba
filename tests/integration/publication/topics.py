"""Topics of real brokers, and who reads them from the beginning."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import aio_pika
import nats
import orjson
from aiokafka import AIOKafkaConsumer
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from redis import Redis

from tests.brokers import NatsServer, RabbitServer
from tests.servers import RedisServer

TOPIC = "availability"


class Published(NamedTuple):
    """A message of a topic, as a consumer gets it."""

    id: str
    type: str
    key: str
    event: dict[str, Any]
    partition: int = 0
    """Only within one are messages in the order in which they came."""


class Topic(Protocol):
    """A topic of a broker that runs."""

    url: str

    async def prepare(self) -> None:
        """Do what a consumer has to do before anything is published."""

    async def read(self) -> list[Published]:
        """All that is in it, in its order."""


class Freezable(Topic, Protocol):
    """One whose broker can stop to do anything."""

    def freeze(self) -> None:
        """Let it do nothing, while its connections stay."""

    def thaw(self) -> None:
        """Let it go on."""


class MortalTopic(Freezable, Protocol):
    """One whose broker can crash."""

    def kill(self) -> None:
        """End the broker as a crash would."""

    def start(self) -> None:
        """Start it again."""

    def stop(self) -> None:
        """End it in order."""


class DurableRedis(RedisServer):
    """A Redis that has on disk what it has confirmed."""

    durable = True


class RedisTopic:
    """A Redis stream."""

    def __init__(self, folder: Path) -> None:
        self._server = DurableRedis(folder)
        self.url = f"{self._server.url}?topic={TOPIC}"
        self.start, self.kill, self.stop = self._server.start, self._server.kill, self._server.stop
        self.freeze, self.thaw = self._server.freeze, self._server.thaw

    async def prepare(self) -> None:
        """Nothing."""

    async def read(self) -> list[Published]:
        """All entries."""
        with Redis.from_url(self._server.url) as client:
            entries: Any = client.xrange(TOPIC)
        return [
            Published(
                entry[b"id"].decode(),
                entry[b"type"].decode(),
                entry[b"key"].decode(),
                orjson.loads(entry[b"event"]),
            )
            for _, entry in entries
        ]


class RabbitTopic:
    """An exchange of RabbitMQ with one durable queue bound to it."""

    def __init__(self, folder: Path) -> None:
        self._server = RabbitServer(folder)
        self.url = self._server.url
        self.start, self.kill, self.stop = self._server.start, self._server.kill, self._server.stop
        self.freeze, self.thaw = self._server.freeze, self._server.thaw
        self._read: list[Published] = []

    async def prepare(self) -> None:
        """Bind the queue."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue("reader", durable=True)
            exchange = await channel.declare_exchange(
                TOPIC, aio_pika.ExchangeType.TOPIC, durable=True
            )
            await queue.bind(exchange, "#")

    async def read(self) -> list[Published]:
        """What was taken from the queue so far."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue("reader", durable=True)
            while (message := await queue.get(fail=False)) is not None:
                assert message.content_type == "application/cloudevents+json"
                assert message.routing_key == message.type
                self._read.append(
                    Published(
                        str(message.message_id),
                        str(message.type),
                        str(message.headers["key"]),
                        orjson.loads(message.body),
                    )
                )
                await message.ack()
        return self._read


class NatsTopic:
    """A stream of NATS JetStream."""

    def __init__(self, folder: Path) -> None:
        self._server = NatsServer(folder)
        self.url = self._server.url
        self.start, self.kill, self.stop = self._server.start, self._server.kill, self._server.stop
        self.freeze, self.thaw = self._server.freeze, self._server.thaw

    async def prepare(self) -> None:
        """Nothing."""

    async def read(self) -> list[Published]:
        """All messages of the stream."""
        client = await nats.connect(self.url)
        try:
            stream = client.jetstream()
            try:
                left = (await stream.stream_info(TOPIC)).state.messages
            except NotFoundError:
                # Its publisher makes it, with its first message.
                return []
            reader = await stream.pull_subscribe(
                f"{TOPIC}.>", stream=TOPIC, config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
            )
            found: list[Published] = []
            while len(found) < left:
                for message in await reader.fetch(min(100, left - len(found)), timeout=5):
                    event = orjson.loads(message.data)
                    assert message.subject == f"{TOPIC}.{event['type']}"
                    id = (message.headers or {})["Nats-Msg-Id"]
                    found.append(Published(id, event["type"], event["subject"], event))
                    await message.ack()
            return found
        finally:
            await client.close()


_MOCK_OF_KAFKA = """
import sys
from confluent_kafka import Producer

cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": ""})
brokers = cluster.list_topics(timeout=10).brokers
cluster.produce(sys.argv[1], b"first")
assert cluster.flush(10) == 0
print(",".join(f"{one.host}:{one.port}" for one in brokers.values()), flush=True)
sys.stdin.read()
"""


class MockKafkaTopic:
    """A topic of the mock of a cluster that comes with librdkafka: it speaks Kafka's protocol over
    TCP and keeps what it is sent in memory. It is no Kafka; it can't crash and come back."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MOCK_OF_KAFKA, TOPIC],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self._servers = self._process.stdout.readline().strip()
        assert self._servers, "the mock of Kafka did not start"
        self.url = f"kafka://{self._servers}?topic={TOPIC}"

    async def prepare(self) -> None:
        """Nothing: the topic is made by its first message, which is there."""

    def freeze(self) -> None:
        """Let it do nothing, while its connections stay."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        self._process.communicate()

    async def read(self) -> list[Published]:
        """All records behind the first."""
        consumer = AIOKafkaConsumer(
            TOPIC, bootstrap_servers=self._servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            places = await consumer.end_offsets(sorted(consumer.assignment()))
            found: list[Published] = []
            while any([await consumer.position(one) < end for one, end in places.items()]):
                batches = await consumer.getmany(timeout_ms=500)
                found += [_of_kafka(one) for batch in batches.values() for one in batch if one.key]
            return found
        finally:
            await consumer.stop()


def _of_kafka(record: Any) -> Published:
    event = orjson.loads(record.value)
    headers = dict(record.headers)
    assert headers["content-type"] == b"application/cloudevents+json"
    return Published(
        headers["id"].decode(), event["type"], record.key.decode(), event, record.partition
    )


def once(messages: Sequence[Published]) -> list[Published]:
    """Messages without repetitions, which must be equal in everything that is told."""
    first: dict[str, Published] = {}
    for message in messages:
        known = first.setdefault(message.id, message)
        assert (known.type, known.key) == (message.type, message.key)
    return list(first.values())


def assert_in_order(messages: list[Published]) -> None:
    """Without repetitions, the versions of each item and of each reservation rise."""
    last: dict[tuple[str, str | None], int] = {}
    for message in once(messages):
        if message.type.startswith("stock."):
            # An alert and a notice are told once in each of their states, by an id for each.
            continue
        data = message.event["data"]
        place = (message.key, data.get("channel"))
        assert data["version"] > last.get(place, -1), message
        last[place] = data["version"]


async def newest(topic: Topic) -> dict[str, float]:
    """What was published last of each item in the web shop."""
    found: dict[str, float] = {}
    for message in await topic.read():
        if message.type == "availability.changed" and message.event["data"]["channel"] == "web":
            found[message.key] = message.event["data"]["quantity"]
    return found
