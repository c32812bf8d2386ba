"""A topic of Kafka, read by a group: each partition in its order by one of the group. What a reader
has not committed when he is gone goes to another one."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.security import BaseSecurity, SASLPlaintext

from hub.domain.source_streams import SourceStream
from workers.publication.broker import closed
from workers.publication.kafka import connection_options
from workers.streams.messages import (
    END_SECONDS,
    GRACE_SECONDS,
    MAX_MESSAGES,
    WINDOW_SECONDS,
    Check,
    Message,
    StreamAway,
    StreamSilent,
    StreamWrong,
    Take,
    as_it_is,
    headers_from,
)

REQUEST_SECONDS: Final = 10
ANSWER_SECONDS: Final = 3.0


@asynccontextmanager
async def read_stream(stream: SourceStream, url: str, take: Take) -> AsyncIterator[Check]:
    """Read a topic, which has to be there. A group begins at its beginning."""
    options = connection_options(url)
    broker = KafkaBroker(
        options["bootstrap_servers"],
        security=_security(options),
        request_timeout_ms=REQUEST_SECONDS * 1_000,
        consumer_only=True,
        allow_auto_create_topics=False,
        logger=None,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
    )

    async def handle(message: KafkaMessage) -> None:
        raw: Any = message.raw_message
        await take([_message(one) for one in raw], message.ack)

    subscriber = broker.subscriber(
        stream.name,
        group_id=stream.group,
        batch=True,
        max_records=MAX_MESSAGES,
        batch_timeout_ms=int(WINDOW_SECONDS * 1_000),
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        decoder=as_it_is,
    )
    subscriber(handle)

    async def check() -> None:
        consumer = subscriber.consumer
        if consumer is None or any(task.done() for task in subscriber.tasks):
            raise StreamAway("its reader has ended, and begins again")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                topics = await consumer.topics()
        except (KafkaError, OSError) as error:
            # Its client comes back; to leave the group and join it again takes longer.
            raise StreamSilent(f"no broker answers: {type(error).__name__}") from None
        if stream.name not in topics:
            raise StreamWrong(f"there is no topic {stream.name}")

    try:
        await broker.start()
        await check()
        yield check
    finally:
        await closed(broker.stop(), END_SECONDS)


def _security(options: Mapping[str, Any]) -> BaseSecurity:
    context = options.get("ssl_context")
    over_tls = context is not None
    name = options.get("sasl_plain_username")
    if name is None:
        return BaseSecurity(ssl_context=context, use_ssl=over_tls)
    password = options["sasl_plain_password"]
    return SASLPlaintext(name, password, ssl_context=context, use_ssl=over_tls)


def _message(record: "ConsumerRecord[bytes, bytes]") -> Message:
    # A topic that was made anew counts from 0 again, and so the time is part of it.
    id = f"{record.topic}/{record.partition}/{record.offset}@{record.timestamp}"
    return Message(id, headers_from(dict(record.headers)), record.value or b"")
