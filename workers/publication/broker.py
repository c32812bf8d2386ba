"""What the job asks of a broker, whatever kind it is, and how one is named by a URL."""

import asyncio
import contextlib
import re
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

CONTENT_TYPE: Final = "application/cloudevents+json"
DEFAULT_TOPIC: Final = "availability"
DEFAULT_MAX_LENGTH: Final = 1_000_000
CONFIRM_SECONDS: Final = 10.0
"""A broker that has not confirmed for so long is away."""

CLOSE_SECONDS: Final = 1.0
"""What a client does at its end has so long."""

_TOPIC: Final = re.compile("[A-Za-z0-9_-]{1,100}")
_OURS: Final = ("topic", "max_length")


class Message(NamedTuple):
    """An event as it is published."""

    id: str
    type: str
    key: str
    """Messages with the same key arrive in the order of their publication."""
    body: bytes
    """The event in structured mode."""


class BrokerAway(Exception):
    """The broker did not confirm; it is tried again."""


class Broker(Protocol):
    """A topic of a broker."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish messages, each with a key of its own; it returns once all are confirmed. Raises
        `BrokerAway`; then some of them may have been published."""

    async def aclose(self) -> None:
        """Let go of the broker: nothing that was not confirmed is sent any more."""


class UnknownBroker(Exception):
    """The URL names no broker that the hub can publish to."""


class BrokerUrl(NamedTuple):
    """Where to publish."""

    scheme: str
    url: str
    """For the broker's own client: without what is ours in it."""
    topic: str
    max_length: int
    """As many messages as the topic keeps, where the hub makes it: Redis and NATS."""

    @property
    def name(self) -> str:
        """What the topic is known by, without any secret."""
        parts = urlsplit(self.url)
        place = parts.netloc.rpartition("@")[2]
        return f"{self.scheme}://{place}{parts.path}?topic={self.topic}"


def broker_url_from(url: str) -> BrokerUrl:
    """Understand a URL such as redis://host:6379/0?topic=availability. Raises `UnknownBroker`."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    topic = given.get("topic", DEFAULT_TOPIC)
    max_length = given.get("max_length", str(DEFAULT_MAX_LENGTH))
    if not _TOPIC.fullmatch(topic):
        raise UnknownBroker(f"HUB_PUBLISH_URL: topic {topic!r} must match {_TOPIC.pattern}")
    if not max_length.isdigit() or int(max_length) < 1:
        raise UnknownBroker("HUB_PUBLISH_URL: max_length must be a number above 0")
    if not parts.netloc:
        raise UnknownBroker("HUB_PUBLISH_URL names no host")
    theirs = urlencode([(name, value) for name, value in given.items() if name not in _OURS])
    return BrokerUrl(parts.scheme, parts._replace(query=theirs).geturl(), topic, int(max_length))


def cut(writer: asyncio.StreamWriter | None) -> None:
    """End a connection at once. Closed in order, it would first send what waits to be sent, however
    long a frozen broker takes for that, and the newer events would have overtaken it by then."""
    if writer is not None:
        writer.transport.abort()


async def closed(
    closing: Coroutine[Any, Any, object], within_seconds: float = CLOSE_SECONDS
) -> None:
    """Let a client do what it does at its end, for a moment. It is no use asking how that went: its
    connections are cut."""
    task = asyncio.create_task(closing)
    # Not a timeout: some go on when they are cancelled.
    await asyncio.wait({task}, timeout=within_seconds)
    task.cancel()
    with contextlib.suppress(asyncio.InvalidStateError, asyncio.CancelledError):
        task.exception()


def waves_of(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Messages in their order, in waves within which each key comes once: where one wave is
    confirmed before the next is published, none overtakes another of its key."""
    wave: list[Message] = []
    keys: set[str] = set()
    for message in messages:
        if message.key in keys:
            yield wave
            wave, keys = [], set()
        wave.append(message)
        keys.add(message.key)
    if wave:
        yield wave
