"""RabbitMQ: a durable topic exchange; the routing key is the type of the event.

Who wants events binds a durable queue to it. What no queue is bound for goes nowhere, as with any
exchange.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from aio_pika import Connection, DeliveryMode, ExchangeType
from aio_pika import Message as RabbitMessage
from aio_pika.abc import AbstractExchange
from aio_pika.exceptions import AMQPError
from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from yarl import URL

from workers.publication.broker import (
    CONFIRM_SECONDS,
    CONTENT_TYPE,
    BrokerAway,
    BrokerUrl,
    Message,
    closed,
    cut,
)


class RabbitExchange:
    """One exchange."""

    def __init__(self, target: BrokerUrl) -> None:
        self._target = target
        self._connection: Connection | None = None
        self._all_confirmed = True
        self._line = _Line(TLSTransportFactory() if target.scheme == "amqps" else None)
        self._exchange: AbstractExchange | None = None

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish messages that outlast a restart of the broker; it confirms each."""
        self._all_confirmed = False
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                exchange = self._exchange or await self._connect()
                async with asyncio.TaskGroup() as group:
                    for message in messages:
                        group.create_task(_publish(exchange, message))
        except* (AMQPError, OSError, RuntimeError) as errors:
            # A RuntimeError is what its client says of a connection that has been closed.
            first = errors.exceptions[0]
            raise BrokerAway(f"{type(first).__name__}: {first}") from errors
        self._all_confirmed = True

    async def _connect(self) -> AbstractExchange:
        self._connection = Connection(URL(self._target.url))
        self._connection.kwargs["transport_factory"] = self._line
        await self._connection.connect()
        channel = await self._connection.channel(publisher_confirms=True)
        self._exchange = await channel.declare_exchange(
            self._target.topic, ExchangeType.TOPIC, durable=True
        )
        return self._exchange

    async def aclose(self) -> None:
        """Close the connection."""
        connection, self._connection, self._exchange = self._connection, None, None
        if not self._all_confirmed:
            self._line.cut()
        if connection is not None:
            await closed(connection.close())
        self._line.cut()


class _Line(TransportFactory):
    """Makes the connection, and can cut it: the client waits for the broker's farewell."""

    def __init__(self, factory: TransportFactory | None) -> None:
        self._factory = factory or TCPTransportFactory()
        self._writer: asyncio.StreamWriter | None = None

    async def create(
        self, url: URL, **kwargs: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect."""
        reader, self._writer = await self._factory.create(url, **kwargs)
        return reader, self._writer

    def cut(self) -> None:
        """End it at once."""
        cut(self._writer)
        self._writer = None


async def _publish(exchange: AbstractExchange, message: Message) -> None:
    published = RabbitMessage(
        message.body,
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message.id,
        type=message.type,
        headers={"key": message.key},
    )
    await exchange.publish(published, routing_key=message.type, mandatory=False)
