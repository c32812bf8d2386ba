"""A Kafka topic. The key of a record is what the event is about, so that it keeps its partition."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from workers.publication.broker import (
    CONFIRM_SECONDS,
    CONTENT_TYPE,
    BrokerAway,
    BrokerUrl,
    Message,
    closed,
    cut,
)


class KafkaTopic:
    """One topic, which the brokers must have or make."""

    def __init__(self, target: BrokerUrl) -> None:
        self._target = target
        self._producer: AIOKafkaProducer | None = None

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish; all replicas that are in sync confirm."""
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                producer = self._producer or await self._connect()
                async with asyncio.TaskGroup() as group:
                    for message in messages:
                        group.create_task(self._publish(producer, message))
        except* (KafkaError, OSError) as errors:
            first = errors.exceptions[0]
            raise BrokerAway(f"{type(first).__name__}: {first}") from errors

    async def _connect(self) -> AIOKafkaProducer:
        self._producer = AIOKafkaProducer(
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=int(CONFIRM_SECONDS * 1_000),
            **connection_options(self._target.url),
        )
        await self._producer.start()
        return self._producer

    async def _publish(self, producer: AIOKafkaProducer, message: Message) -> None:
        await producer.send_and_wait(
            self._target.topic,
            message.body,
            key=message.key.encode(),
            headers=[("content-type", CONTENT_TYPE.encode()), ("id", message.id.encode())],
        )

    async def aclose(self) -> None:
        """Close the connections."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        # To stop it in order would be to send all that it was given, as often as that takes.
        sending = producer._sender and producer._sender.sender_task  # noqa: SLF001
        if sending:
            sending.cancel()
        for connection in producer.client._conns.values():  # noqa: SLF001
            cut(connection._writer)  # noqa: SLF001
        producer._closed = True  # noqa: SLF001
        await closed(producer.client.close())
        if sending:
            # Now it waits for what was under way, which waits for a client that is closed.
            sending.cancel()


def connection_options(url: str) -> dict[str, Any]:
    """How to reach the brokers of kafka://one:9092,two:9092, or of kafkas:// over TLS, with a name
    and a password in front where they want them."""
    parts = urlsplit(url)
    secret, _, hosts = parts.netloc.rpartition("@")
    options: dict[str, Any] = {"bootstrap_servers": hosts.split(",")}
    over_tls = parts.scheme == "kafkas"
    if over_tls:
        options["ssl_context"] = ssl.create_default_context()
    if secret:
        name, _, password = secret.partition(":")
        options |= {
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": unquote(name),
            "sasl_plain_password": unquote(password),
        }
    options["security_protocol"] = ("SASL_" if secret else "") + (
        "SSL" if over_tls else "PLAINTEXT"
    )
    return options
