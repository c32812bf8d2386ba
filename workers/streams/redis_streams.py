"""A Redis stream, read by a group.

What a reader has taken and not acknowledged stays his until another one claims it. Entries may be
FastStream's, of the hub's own publication, or any others.
"""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import orjson
from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import RedisBatchStreamMessage, bDATA_KEY
from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from hub.domain.source_streams import SourceStream
from workers.publication.broker import closed
from workers.streams.messages import (
    END_SECONDS,
    GRACE_SECONDS,
    MAX_MESSAGES,
    Check,
    Message,
    StreamAway,
    Take,
    as_it_is,
    headers_from,
)

BLOCK_MILLISECONDS: Final = 500
CLAIM_PAUSE_MILLISECONDS: Final = 500
CONNECT_SECONDS: Final = 3.0
GONE_MILLISECONDS: Final = 3_600_000
"""A reader that has asked for nothing for so long, and has nothing left, is struck off."""
_BODY_FIELDS: Final = (b"event", b"data", b"body", b"payload", b"message", b"value")
"""What a field with the body is usually called."""

Entry = Mapping[bytes, bytes]


@asynccontextmanager
async def read_stream(stream: SourceStream, url: str, take: Take) -> AsyncIterator[Check]:
    """Read a Redis stream, which is made if it is not there. A group begins at its beginning."""
    reader = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    broker = RedisBroker(
        url,
        logger=None,  # type: ignore[arg-type]
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
    )
    try:
        # Typed as FastStream does not know the client's own types.
        client: Any = await broker.connect()

        async def parse(raw: Any) -> RedisBatchStreamMessage:
            return RedisBatchStreamMessage(raw, b"", consumer=client, group=stream.group)

        async def handle(message: RedisBatchStreamMessage) -> None:
            came = message.raw_message
            await take(_messages(stream, came["message_ids"], came["data"]), message.ack)

        subscribers = [
            broker.subscriber(
                stream=one, ack_policy=AckPolicy.MANUAL, parser=parse, decoder=as_it_is
            )
            for one in (
                _subscription(stream, reader, BLOCK_MILLISECONDS),
                # What others have taken and never acknowledged.
                _subscription(
                    stream, reader, CLAIM_PAUSE_MILLISECONDS, stream.claim_seconds * 1_000
                ),
            )
        ]
        for subscriber in subscribers:
            subscriber(handle)

        async def check() -> None:
            if not all(one.running for one in subscribers):
                raise StreamAway("the group was gone, and is made again")
            try:
                # Changes nothing. A server that became a replica answers all but what could.
                await client.xgroup_createconsumer(stream.name, stream.group, reader)
            except ResponseError as error:
                raise StreamAway(f"the group can not be read: {error}") from error

        await _begin(client, stream)
        await broker.start()
        yield check
        for subscriber in subscribers:
            await subscriber.stop()
        await _strike_off(client, stream, reader)
    finally:
        await closed(broker.stop(), END_SECONDS)


def _subscription(
    stream: SourceStream, reader: str, pause_milliseconds: int, min_idle: int | None = None
) -> StreamSub[Any]:
    return StreamSub(
        stream.name,
        group=stream.group,
        consumer=reader,
        batch=True,
        max_records=MAX_MESSAGES,
        polling_interval=pause_milliseconds,
        min_idle_time=min_idle,
    )


async def _begin(client: Redis, stream: SourceStream) -> None:
    try:
        # FastStream would begin at the end of the stream.
        await client.xgroup_create(stream.name, stream.group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
    for one in await client.xinfo_consumers(stream.name, stream.group):
        if one["pending"] == 0 and one["idle"] > GONE_MILLISECONDS:
            await client.xgroup_delconsumer(stream.name, stream.group, one["name"])


async def _strike_off(client: Redis, stream: SourceStream, reader: str) -> None:
    """Leave no name behind, unless it has something that others are to claim."""
    for one in await client.xinfo_consumers(stream.name, stream.group):
        if one["name"].decode() == reader and one["pending"] == 0:
            await client.xgroup_delconsumer(stream.name, stream.group, reader)


def _messages(
    stream: SourceStream, ids: Sequence[bytes], entries: Sequence[Entry | None]
) -> list[Message]:
    # Of an entry that was trimmed away before it was claimed, there is nothing but the id.
    return [
        message_from(stream, id.decode(), entry)
        for id, entry in zip(ids, entries, strict=True)
        if entry is not None
    ]


def message_from(stream: SourceStream, id: str, entry: Entry) -> Message:
    """What an entry holds: the field that the source names, FastStream's, its only one, or one that
    is called as bodies usually are. All of another entry is a JSON object."""
    field = _body_field(stream, entry)
    others = {name.decode(errors="replace"): value for name, value in entry.items()}
    if field is None:
        plain = {name: value.decode(errors="replace") for name, value in others.items()}
        body, headers = orjson.dumps(plain), {}
    else:
        body, headers = entry[field], headers_from(others)
        if field == bDATA_KEY:
            # Its annotations promise more than it keeps.
            opened: Any = BinaryMessageFormatV1.parse(body)
            body, theirs = opened
            headers = headers_from(theirs) if isinstance(theirs, Mapping) else {}
    return Message(f"{stream.name}/{id}", headers, body)


def _body_field(stream: SourceStream, entry: Entry) -> bytes | None:
    if stream.body is not None and stream.body.encode() in entry:
        return stream.body.encode()
    if bDATA_KEY in entry:
        return bDATA_KEY
    if len(entry) == 1:
        return next(iter(entry))
    return next((name for name in _BODY_FIELDS if name in entry), None)
