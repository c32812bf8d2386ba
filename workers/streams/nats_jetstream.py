"""A subject of NATS, kept by a stream of JetStream and read by a durable consumer of it. What a
reader has not acknowledged in time goes to another one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy as JetStreamAcks
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from hub.domain.source_streams import SourceStream
from workers.publication.broker import closed
from workers.streams.messages import (
    END_SECONDS,
    GRACE_SECONDS,
    MAX_MESSAGES,
    WINDOW_SECONDS,
    Check,
    Message,
    StreamAway,
    StreamWrong,
    Take,
    as_it_is,
    headers_from,
)

CONNECT_SECONDS: Final = 3


@asynccontextmanager
async def read_stream(stream: SourceStream, url: str, take: Take) -> AsyncIterator[Check]:
    """Read a subject, which a stream has to keep. The consumer is made if it is not there, and
    begins at the beginning of the stream."""
    broker = NatsBroker(
        url,
        logger=None,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        connect_timeout=CONNECT_SECONDS,
        # A client that has given up would have FastStream ask it without a pause.
        max_reconnect_attempts=-1,
    )
    client: Client | None = None
    try:
        client = await broker.connect()
        streams = client.jetstream()
        try:
            kept_by = await streams.find_stream_name_by_subject(stream.name)
        except NotFoundError:
            raise StreamWrong(f"no stream keeps the subject {stream.name}") from None

        async def handle(message: NatsMessage) -> None:
            raw: Any = message.raw_message
            await take([_message(one) for one in raw], lambda: _acknowledge(raw))

        subscriber = broker.subscriber(
            stream.name,
            durable=stream.group,
            stream=JStream(kept_by, declare=False),
            config=ConsumerConfig(
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=JetStreamAcks.EXPLICIT,
                ack_wait=stream.claim_seconds,
                max_ack_pending=2 * MAX_MESSAGES,
            ),
            pull_sub=PullSub(batch_size=MAX_MESSAGES, timeout=WINDOW_SECONDS, batch=True),
            ack_policy=AckPolicy.MANUAL,
            decoder=as_it_is,
        )
        subscriber(handle)

        async def check() -> None:
            if not await _is_there(streams, kept_by, stream):
                raise StreamAway("the consumer was gone, and is made again")

        await _is_there(streams, kept_by, stream)
        await broker.start()
        yield check
    finally:
        await closed(broker.stop(), END_SECONDS)
        if client is not None:
            # Where that was not enough, it would try for ever to connect again.
            await closed(client.close(), END_SECONDS)


async def _is_there(streams: JetStreamContext, kept_by: str, stream: SourceStream) -> bool:
    try:
        consumer = await streams.consumer_info(kept_by, stream.group)
    except NotFoundError:
        return False
    reads = consumer.config.filter_subject
    if reads and reads != stream.name:
        # Whoever asks for a consumer of that name is given it, whatever it reads.
        problem = (
            f"the consumer {stream.group} of the stream {kept_by} reads {reads}: name another group"
        )
        raise StreamWrong(problem)
    return True


async def _acknowledge(messages: Sequence[Msg]) -> None:
    for one in messages:
        await one.ack()


def _message(message: Msg) -> Message:
    place = message.metadata
    # A stream that was made anew counts from 1 again, and so the time is part of it.
    id = f"{place.stream}/{place.sequence.stream}@{place.timestamp.isoformat()}"
    return Message(id, headers_from(message.headers or {}), message.data)
