"""Broadcasts: what all who ask the same are told, put together once for each change."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from hub.domain.principal import Audience, Principal
from hub.domain.values import Scope
from hub.live.streams import Follower, Following, Stream
from hub.services.watch import AvailabilityEvent, EventKind, Told, Watch, newer

Put = Callable[[AvailabilityEvent], bytes]
"""Makes what is sent of an event. There is one object for all who are told the same."""


class Wanted(NamedTuple):
    """What somebody asked to be told."""

    skus: tuple[str, ...]
    scope: Scope | None
    after: str | None
    put: Put


class _Key(NamedTuple):
    channel: str
    skus: tuple[str, ...]
    audience: Audience
    put: Put


class _Snapshot(NamedTuple):
    """What was sent last to one who joined, for the next one, if nothing has changed since."""

    values: tuple[Told, ...]
    cursor: str
    sent: bytes


class _Broadcast:
    """One stream, and who is told by it."""

    def __init__(self, watch: Watch, key: _Key, on_empty: Callable[[], None]) -> None:
        self._watch = watch
        self._key = key
        self.stream: Stream[str, Told] = Stream(newer, self._change, on_empty)
        self._snapshot: _Snapshot | None = None

    def snapshot(self, values: list[Told]) -> bytes:
        """What is sent to one who joins."""
        cursor, last = self._watch.place.cursor, self._snapshot
        if last is not None and last.cursor == cursor and _are_same(last.values, values):
            return last.sent
        sent = self._put(EventKind.SNAPSHOT, cursor, values)
        self._snapshot = _Snapshot(tuple(values), cursor, sent)
        return sent

    def _change(self, values: list[Told]) -> bytes:
        newest = max(values, key=lambda one: one.flush)
        return self._put(EventKind.CHANGE, newest.cursor, values)

    def _put(self, kind: EventKind, cursor: str, values: list[Told]) -> bytes:
        answers = self._watch.as_told(values, self._key.audience)
        return self._key.put(AvailabilityEvent(kind, cursor, answers))


class Broadcasts:
    """The broadcasts of this process: one for all who watch the same items in the same form."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._by_key: dict[_Key, _Broadcast] = {}

    def follow_now(
        self, principal: Principal, wanted: Wanted, to: Follower
    ) -> Following[str, Told] | None:
        """Follow, where all that is to be told first is kept and can be sent without a pause; else
        None, and nothing was done. Raises `UnknownChannel`, `InvalidInput`, `LimitExceeded` and
        `Forbidden`."""
        channel = self._watch.channel_for(principal, wanted.skus, wanted.scope, wanted.after)
        values = None if wanted.after is not None else self._watch.kept(channel, wanted.skus)
        if values is None:
            return None
        broadcast = self._broadcast(channel.id, principal, wanted)
        following = broadcast.stream.join(to)
        try:
            if following.start(broadcast.snapshot(values)):
                following.begin({one.availability.sku: one for one in values})
                return following
        except BaseException:
            following.end()
            raise
        following.end()
        return None

    async def follow(
        self, principal: Principal, wanted: Wanted, to: Follower
    ) -> Following[str, Told]:
        """Follow: the state first, or what has changed since `after`. Raises `FollowerGone`,
        `UnknownSku` and what `follow_now` raises."""
        channel = self._watch.channel_for(principal, wanted.skus, wanted.scope, wanted.after)
        await self._watch.place.reach(wanted.after)
        broadcast = self._broadcast(channel.id, principal, wanted)
        following = broadcast.stream.join(to)
        known: dict[str, Told] = {}
        try:
            first = self._watch.first(
                channel, wanted.skus, wanted.after, known.__setitem__, principal.audience
            )
            async for event in first:
                await to.send(wanted.put(event))
            following.begin(known, untold=wanted.skus)
        except BaseException:
            following.end()
            raise
        return following

    def _broadcast(self, channel: str, principal: Principal, wanted: Wanted) -> _Broadcast:
        key = _Key(channel, wanted.skus, principal.audience, wanted.put)
        broadcast = self._by_key.get(key)
        if broadcast is None:
            broadcast = _Broadcast(self._watch, key, partial(self._forget, key))
            self._by_key[key] = broadcast
            self._watch.join(channel, broadcast.stream, wanted.skus)
        return broadcast

    def _forget(self, key: _Key) -> None:
        broadcast = self._by_key.pop(key)
        self._watch.leave(key.channel, broadcast.stream, key.skus)


def _are_same(values: tuple[Told, ...], others: list[Told]) -> bool:
    return len(values) == len(others) and all(
        one.availability is other.availability for one, other in zip(values, others, strict=True)
    )
