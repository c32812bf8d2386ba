"""Where a source is listened to at a stream of a broker: the table `[stream]` of a source."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hub.domain.errors import InvalidInput
from hub.domain.plain_table import Table

DEFAULT_GROUP: Final = "availability-hub"
DEFAULT_CLAIM_SECONDS: Final = 30
MAX_CLAIM_SECONDS: Final = 3_600
MAX_STREAM_NAME_LENGTH: Final = 120
"""Characters. It is part of the id of each delivery."""
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,127}")


class StreamBroker(StrEnum):
    """What kind of broker it is."""

    REDIS = "redis"
    """A Redis stream."""
    RABBITMQ = "rabbitmq"
    """A queue of RabbitMQ."""
    NATS = "nats"
    """A subject of NATS that a stream of JetStream keeps."""
    KAFKA = "kafka"
    """A topic of Kafka."""


_WITH_CLAIMS: Final = (StreamBroker.REDIS, StreamBroker.NATS)


@dataclass(frozen=True, kw_only=True)
class SourceStream:
    """A stream that a source writes to and the hub reads."""

    broker: StreamBroker
    address: str
    """Variable of the environment that holds the URL of the broker, credentials included."""
    name: str
    """Of the stream, queue, subject or topic."""
    group: str = DEFAULT_GROUP
    """Hubs of one group share the messages; RabbitMQ shares those of a queue without."""
    body: str | None = None
    """Field of a Redis entry that holds what was sent; found by itself if not set."""
    claim_seconds: int = DEFAULT_CLAIM_SECONDS
    """What a reader has not acknowledged for so long goes to another one, where the broker does
    not see by itself that he is gone."""


def plain_source_stream(stream: SourceStream | None) -> dict[str, Any]:
    """What `source_stream_from` reads, without what is as it is by default."""
    if stream is None:
        return {}
    plain = {"broker": stream.broker.value, "address": stream.address, "name": stream.name}
    if stream.group != DEFAULT_GROUP:
        plain["group"] = stream.group
    if stream.body is not None:
        plain["body"] = stream.body
    if stream.claim_seconds != DEFAULT_CLAIM_SECONDS:
        return {**plain, "claim_seconds": stream.claim_seconds}
    return plain


def source_stream_from(data: Mapping[str, Any]) -> SourceStream | None:
    """The stream of a source; None for an empty table. Raises `InvalidInput` with the path of the
    key that is wrong."""
    if not data:
        return None
    table = Table(data, "stream")
    broker = table.choice("broker", StreamBroker.REDIS) if data.get("broker") else None
    if broker is None:
        problem = f"must be one of: {', '.join(StreamBroker)}"
        raise InvalidInput(field=table.at("broker"), problem=problem)
    stream = SourceStream(
        broker=broker,
        address=table.text("address"),
        name=table.text("name"),
        group=table.text("group", DEFAULT_GROUP),
        body=table.text_or_none("body"),
        claim_seconds=_claim_seconds(table),
    )
    table.end()
    _check(stream, table, data)
    return stream


def _check(stream: SourceStream, table: Table, data: Mapping[str, Any]) -> None:
    if not _VARIABLE.fullmatch(stream.address):
        # Not repeated here: it may be the address itself, with a password in it.
        problem = (
            "must name a variable of the environment, such as ACME_STREAM_URL, that holds the URL"
        )
        raise InvalidInput(field=table.at("address"), problem=problem)
    if len(stream.name) > MAX_STREAM_NAME_LENGTH or any(map(str.isspace, stream.name)):
        problem = f"must have at most {MAX_STREAM_NAME_LENGTH} characters, and no space"
        raise InvalidInput(field=table.at("name"), problem=problem)
    if any(letter.isspace() or letter in ".*>" for letter in stream.group):
        problem = "must hold no space, and none of the characters . * >"
        raise InvalidInput(field=table.at("group"), problem=problem)
    for key, brokers in (
        ("group", [one for one in StreamBroker if one is not StreamBroker.RABBITMQ]),
        ("body", [StreamBroker.REDIS]),
        ("claim_seconds", _WITH_CLAIMS),
    ):
        if data.get(key) is not None and stream.broker not in brokers:
            raise InvalidInput(field=table.at(key), problem=f"is for {', '.join(brokers)} only")


def _claim_seconds(table: Table) -> int:
    value = table.get("claim_seconds")
    if value is None:
        return DEFAULT_CLAIM_SECONDS
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_CLAIM_SECONDS:
        problem = f"must be a whole number of seconds, 1 to {MAX_CLAIM_SECONDS}"
        raise InvalidInput(field=table.at("claim_seconds"), problem=problem)
    return value
