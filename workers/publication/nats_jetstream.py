"""NATS JetStream: a stream of the subjects `topic.type`, such as `availability.stock.alert`.

The id of an event is `Nats-Msg-Id`: what is published once more within two minutes is stored once.
"""

import asyncio
from collections.abc import Sequence

from nats.aio.client import Client
from nats.aio.transport import TcpTransport
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from workers.publication.broker import (
    CONFIRM_SECONDS,
    CONTENT_TYPE,
    BrokerAway,
    BrokerUrl,
    Message,
    closed,
    cut,
)

SAME_ID_SECONDS = 120.0


class NatsStream:
    """One stream; one that is there already is taken as it is."""

    def __init__(self, target: BrokerUrl) -> None:
        self._target = target
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish; the stream confirms each message once it is stored."""
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                stream = self._stream or await self._connect()
                async with asyncio.TaskGroup() as group:
                    for message in messages:
                        group.create_task(self._publish(stream, message))
        except* (NatsError, OSError) as errors:
            first = errors.exceptions[0]
            raise BrokerAway(f"{type(first).__name__}: {first}") from errors

    async def _connect(self) -> JetStreamContext:
        topic = self._target.topic
        # Known before it is connected, so that one that does not get so far is closed, too.
        self._client = Client()
        await self._client.connect(
            self._target.url, allow_reconnect=False, connect_timeout=2, error_cb=_ignore
        )
        stream = self._client.jetstream(timeout=CONFIRM_SECONDS)
        try:
            await stream.stream_info(topic)
        except NotFoundError:
            await stream.add_stream(
                StreamConfig(
                    name=topic,
                    subjects=[f"{topic}.>"],
                    storage=StorageType.FILE,
                    max_msgs=self._target.max_length,
                    discard=DiscardPolicy.OLD,
                    duplicate_window=SAME_ID_SECONDS,
                )
            )
        self._stream = stream
        return stream

    async def _publish(self, stream: JetStreamContext, message: Message) -> None:
        headers = {"Nats-Msg-Id": message.id, "Content-Type": CONTENT_TYPE}
        await stream.publish(f"{self._target.topic}.{message.type}", message.body, headers=headers)

    async def aclose(self) -> None:
        """Close the connection."""
        client, self._client, self._stream = self._client, None, None
        if client is None:
            return
        transport = client._transport  # noqa: SLF001 - it has no way to be cut off
        if isinstance(transport, TcpTransport):
            cut(transport._bare_io_writer)  # noqa: SLF001
        await closed(client.close())


async def _ignore(_: Exception) -> None:
    """What goes wrong is told by the call that it went wrong for."""
