"""A Redis stream. Each entry has `id`, `type`, `key` and `event`, the event as JSON."""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from workers.publication.broker import CONFIRM_SECONDS, BrokerAway, BrokerUrl, Message, cut


class _PlainConnection(Connection):
    async def disconnect(self, *how: Any, **named: Any) -> None:
        cut(self._writer)
        await super().disconnect(*how, **named)


class _TlsConnection(SSLConnection):
    async def disconnect(self, *how: Any, **named: Any) -> None:
        cut(self._writer)
        await super().disconnect(*how, **named)


_CONNECTIONS = {"redis": _PlainConnection, "rediss": _TlsConnection}


class RedisStream:
    """One stream, cut off at its old end where it grows too long."""

    def __init__(self, target: BrokerUrl) -> None:
        self._target = target
        self._client: Redis | None = None

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish; Redis confirms each entry."""
        if self._client is None:
            self._client = Redis.from_url(
                self._target.url,
                socket_timeout=CONFIRM_SECONDS,
                socket_connect_timeout=CONFIRM_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            # An address decides this by itself.
            self._client.connection_pool.connection_class = _CONNECTIONS[self._target.scheme]
        pipeline = self._client.pipeline(transaction=False)
        for message in messages:
            pipeline.xadd(
                self._target.topic,
                {
                    "id": message.id,
                    "type": message.type,
                    "key": message.key,
                    "event": message.body,
                },
                maxlen=self._target.max_length,
                approximate=True,
            )
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            raise BrokerAway(f"{type(error).__name__}: {error}") from error

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
