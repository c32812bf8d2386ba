"""Streams of real brokers, and who writes to them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import aio_pika
import nats
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from nats.js.api import StreamConfig
from redis.asyncio import Redis

from hub.domain.source_streams import DEFAULT_GROUP
from tests.brokers import NatsServer, RabbitServer
from tests.integration.publication.topics import DurableRedis, MockKafkaTopic


class Broker(Protocol):
    """A broker that runs, with as many streams as one likes."""

    kind: str
    url: str
    claims: bool
    """Whether what somebody has not acknowledged is claimed by others after a time."""

    def start(self) -> None:
        """Start it, after a crash too."""

    def interrupt(self) -> None:
        """End it as a crash would, or have it do nothing where it could not come back."""

    def resume(self) -> None:
        """Have it there again."""

    def stop(self) -> None:
        """End it in order."""

    async def prepare(self, stream: str) -> None:
        """Make a stream, where it has to be there."""

    async def send(self, stream: str, *bodies: bytes, headers: Mapping[str, str] = ...) -> None:
        """Write messages to it, each durable."""

    async def left(self, stream: str) -> int:
        """Messages that nobody has acknowledged, while nobody reads."""


class RedisBroker:
    """Redis with its streams on disk."""

    kind = "redis"
    claims = True

    def __init__(self, folder: Path) -> None:
        self._server = DurableRedis(folder)
        self.url = self._server.url
        self.start, self.stop = self._server.start, self._server.stop
        self.interrupt, self.resume = self._server.kill, self._server.start

    async def prepare(self, stream: str) -> None:
        """Nothing."""

    async def send(self, stream: str, *bodies: bytes, headers: Mapping[str, str] = {}) -> None:
        """Add plain entries."""
        async with Redis.from_url(self.url) as client:
            for body in bodies:
                entry: dict[Any, Any] = {**headers, "event": body}
                await client.xadd(stream, entry)

    async def left(self, stream: str) -> int:
        """Pending, and not yet delivered."""
        async with Redis.from_url(self.url) as client:
            (group,) = await client.xinfo_groups(stream)
            return int(group["pending"] + group["lag"])


class RabbitBroker:
    """RabbitMQ."""

    kind = "rabbitmq"
    claims = False

    def __init__(self, folder: Path) -> None:
        self._server = RabbitServer(folder)
        self.url = self._server.url
        self.start, self.stop = self._server.start, self._server.stop
        self.interrupt, self.resume = self._server.kill, self._server.start
        self._sent = 0

    async def prepare(self, stream: str) -> None:
        """Declare the queue."""
        async with await aio_pika.connect(self.url) as connection:
            await (await connection.channel()).declare_queue(stream, durable=True)

    async def send(self, stream: str, *bodies: bytes, headers: Mapping[str, str] = {}) -> None:
        """Publish to the queue."""
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            for body in bodies:
                self._sent += 1
                message = aio_pika.Message(
                    body,
                    headers=dict(headers),
                    message_id=f"message-{self._sent}",
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                )
                await channel.default_exchange.publish(message, routing_key=stream)

    async def left(self, stream: str) -> int:
        """In the queue."""
        async with await aio_pika.connect(self.url) as connection:
            queue = await (await connection.channel()).declare_queue(stream, passive=True)
            return int(queue.declaration_result.message_count or 0)


class NatsBroker:
    """NATS with JetStream."""

    kind = "nats"
    claims = True

    def __init__(self, folder: Path) -> None:
        self._server = NatsServer(folder)
        self.url = self._server.url
        self.start, self.stop = self._server.start, self._server.stop
        self.interrupt, self.resume = self._server.kill, self._server.start

    async def prepare(self, stream: str) -> None:
        """Have a stream keep the subject."""
        client = await nats.connect(self.url)
        config = StreamConfig(name=stream.upper(), subjects=[stream])
        await client.jetstream().add_stream(config)
        await client.close()

    async def send(self, stream: str, *bodies: bytes, headers: Mapping[str, str] = {}) -> None:
        """Publish to the subject."""
        client = await nats.connect(self.url)
        for body in bodies:
            await client.jetstream().publish(stream, body, headers=dict(headers) or None)
        await client.close()

    async def left(self, stream: str) -> int:
        """Pending, and not yet delivered."""
        client = await nats.connect(self.url)
        info = await client.jetstream().consumer_info(stream.upper(), DEFAULT_GROUP)
        await client.close()
        return (info.num_pending or 0) + (info.num_ack_pending or 0)


class KafkaBroker:
    """The mock of a Kafka cluster; it can not crash and come back."""

    kind = "kafka"
    claims = False

    def __init__(self, _: Path) -> None:
        self._mock: MockKafkaTopic | None = None
        self.url = ""

    @property
    def _running(self) -> MockKafkaTopic:
        assert self._mock is not None
        return self._mock

    @property
    def _servers(self) -> str:
        return self.url.removeprefix("kafka://")

    def start(self) -> None:
        """Start it."""
        self._mock = MockKafkaTopic()
        self.url = self._mock.url.partition("?")[0]

    def stop(self) -> None:
        """End it."""
        self._running.stop()

    def interrupt(self) -> None:
        """Have it do nothing."""
        self._running.freeze()

    def resume(self) -> None:
        """Let it go on."""
        self._running.thaw()

    async def prepare(self, stream: str) -> None:
        """Make the topic, which the mock does for who asks to write to it."""
        await self.send(stream)

    async def send(self, stream: str, *bodies: bytes, headers: Mapping[str, str] = {}) -> None:
        """Send records of one key, so that they keep their order."""
        producer = AIOKafkaProducer(bootstrap_servers=self._servers)
        await producer.start()
        try:
            await producer.partitions_for(stream)
            for body in bodies:
                sent = [(name, value.encode()) for name, value in headers.items()]
                await producer.send_and_wait(stream, body, key=b"one", headers=sent)
        finally:
            await producer.stop()

    async def left(self, stream: str) -> int:
        """Behind what is committed."""
        consumer = AIOKafkaConsumer(stream, bootstrap_servers=self._servers)
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await consumer.start()
        await admin.start()
        try:
            ends: dict[Any, int] = await consumer.end_offsets(sorted(consumer.assignment()))
            done = await admin.list_consumer_group_offsets(DEFAULT_GROUP, partitions=[*ends])
            return sum(end - max(done[place].offset, 0) for place, end in ends.items())
        finally:
            await admin.close()
            await consumer.stop()


KINDS = {kind.kind: kind for kind in (RedisBroker, RabbitBroker, NatsBroker, KafkaBroker)}
