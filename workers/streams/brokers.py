"""Which reader a kind of broker has, and whether an address is one of it. Their clients come with
the extra `streams`."""

import re
from importlib import import_module
from typing import Final, cast
from urllib.parse import urlsplit

from hub.domain.source_streams import SourceStream, StreamBroker
from workers.streams.messages import ReadStream, StreamWrong

_KINDS: Final = {
    StreamBroker.REDIS: ("redis_streams", ("redis", "rediss")),
    StreamBroker.RABBITMQ: ("rabbitmq", ("amqp", "amqps")),
    StreamBroker.NATS: ("nats_jetstream", ("nats", "tls")),
    StreamBroker.KAFKA: ("kafka", ("kafka", "kafkas")),
}
"""Module, so that a client is needed only by who uses it, and how URLs begin."""
_CREDENTIALS: Final = re.compile(r"://[^\s/]*@")


def reader_of(stream: SourceStream) -> ReadStream:
    """What reads a stream. Raises `StreamWrong` where its client is missing."""
    try:
        module = import_module(f"workers.streams.{_KINDS[stream.broker][0]}")
    except ImportError as error:
        problem = (
            f"reading from {stream.broker} needs what this process does not have ({error}): "
            "pip install 'availability-hub[streams]'"
        )
        raise StreamWrong(problem) from error
    return cast(ReadStream, module.read_stream)


def check_address(stream: SourceStream, url: str | None) -> str:
    """The address of a broker, as its variable has it. Raises `StreamWrong`, without repeating what
    may hold a password."""
    if not url:
        raise StreamWrong(f"the variable {stream.address}, which names the broker, is not set")
    schemes = _KINDS[stream.broker][1]
    try:
        parts = urlsplit(url)
        fits = parts.scheme in schemes and parts.netloc
    except ValueError:
        fits = False
    if not fits:
        known = " or ".join(f"{scheme}://" for scheme in schemes)
        raise StreamWrong(f"{stream.address} must hold a URL that begins with {known}, and a host")
    return url


def without_password(text: str, url: str) -> str:
    """What may be told of an error: some clients quote the address, or how they understood it."""
    secret = urlsplit(url).netloc.rpartition("@")[0]
    told = text.replace(secret, "…") if secret else text
    return _CREDENTIALS.sub("://…@", told)
