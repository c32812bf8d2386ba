"""A queue of RabbitMQ. What a reader has not acknowledged when he is gone goes to another one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from aio_pika import RobustConnection
from aio_pika.exceptions import ChannelNotFoundEntity
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

from hub.domain.source_streams import SourceStream
from hub.live.ending import end
from workers.publication.broker import closed
from workers.streams.messages import (
    END_SECONDS,
    GRACE_SECONDS,
    MAX_MESSAGES,
    Check,
    Message,
    StreamAway,
    StreamWrong,
    Take,
    as_it_is,
    headers_from,
)

CONNECT_SECONDS: Final = 3.0


@asynccontextmanager
async def read_stream(stream: SourceStream, url: str, take: Take) -> AsyncIterator[Check]:
    """Read a queue, which has to be there."""
    broker = RabbitBroker(
        url,
        logger=None,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        default_channel=Channel(prefetch_count=MAX_MESSAGES),
        timeout=CONNECT_SECONDS,
    )
    waiting: asyncio.Queue[RabbitMessage] = asyncio.Queue()
    subscriber = broker.subscriber(
        RabbitQueue(stream.name, declare=False), ack_policy=AckPolicy.MANUAL, decoder=as_it_is
    )

    async def handle(message: RabbitMessage) -> None:
        waiting.put_nowait(message)

    subscriber(handle)
    connection: RobustConnection | None = None
    taking = asyncio.create_task(_take_all(waiting, take), name=f"queue {stream.name}")
    try:
        connection = await broker.connect()
        check = partial(_check, connection, stream.name, taking)
        await check()
        await broker.start()
        yield check
    finally:
        await end([taking])
        await closed(broker.stop(), END_SECONDS)
        if connection is not None:
            # Where that was not enough, it would connect again, and take what nobody works.
            await closed(connection.close(), END_SECONDS)


async def _check(connection: RobustConnection, queue: str, taking: asyncio.Task[None]) -> None:
    if taking.done():
        raise StreamAway("its reader has ended, and begins again")
    # A queue that is removed takes its readers along, and tells them nothing.
    async with connection.channel() as channel:
        try:
            await channel.declare_queue(queue, passive=True)
        except ChannelNotFoundEntity:
            raise StreamWrong(f"there is no queue {queue}") from None


async def _take_all(waiting: asyncio.Queue[RabbitMessage], take: Take) -> None:
    while True:
        together = [await waiting.get()]
        while not waiting.empty() and len(together) < MAX_MESSAGES:
            together.append(waiting.get_nowait())

        async def acknowledge(messages: Sequence[RabbitMessage] = together) -> None:
            for one in messages:
                await one.ack()

        await take([_message(one) for one in together], acknowledge)


def _message(message: RabbitMessage) -> Message:
    raw = message.raw_message
    named = {**raw.headers, "content-type": raw.content_type} if raw.content_type else raw.headers
    return Message(raw.message_id or None, headers_from(named), raw.body)
