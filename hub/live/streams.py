"""One stream for all who are told the same: each change is put together once and sent to all.

A follower who takes what he is sent costs one write. One who does not costs the names of what has
changed meanwhile, and is told how these are once he is ready. So nothing queues up, and what he is
told last is the present state.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable
from functools import cache
from typing import Generic, Protocol, TypeVar

import structlog

from hub.observability import metrics

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

log = structlog.get_logger()


class FollowerGone(Exception):
    """Nobody is there any more."""


class Follower(Protocol):
    """Where a stream is sent to."""

    def send_now(self, told: bytes) -> bool:
        """Send what a stream tells, if that takes no waiting; whether it was sent. Raises
        `FollowerGone`."""

    async def send(self, told: bytes) -> None:
        """Send it as soon as it can be. Raises `FollowerGone`."""

    def fail(self, reference: str) -> None:
        """The stream can go on no more; the log says why under a reference."""


class Stream(Generic[K, V]):
    """The newest values of some keys, for everybody who follows them."""

    def __init__(
        self,
        newer: Callable[[V, V], bool],
        put: Callable[[list[V]], bytes],
        on_empty: Callable[[], None],
    ) -> None:
        """`newer(a, b)` says whether `a` is to be told to those who know `b`, `put` makes what is
        sent, and `on_empty` is called once nobody follows any more."""
        self._newer = newer
        self._put = put
        self._on_empty = on_empty
        self._newest: dict[K, V] = {}
        """What all know but those who stand apart."""
        self._changed: set[K] = set()
        self._repeated: set[K] = set()
        """What was offered as it was before: news for none but those who stand apart."""
        self._followers: set[Following[K, V]] = set()
        self._joining: set[Following[K, V]] = set()
        self._apart: Counter[K] = Counter()
        """How many stand apart, by key."""

    def offer(self, key: K, value: V) -> None:
        """A value, which is told together with all others that are offered without a pause."""
        known = self._newest.get(key)
        if known is None or self._newer(value, known):
            news = self._changed
        elif (self._joining or key in self._apart) and not self._newer(known, value):
            news = self._repeated
        else:
            return
        self._newest[key] = value
        if not self._changed and not self._repeated:
            asyncio.get_running_loop().call_soon(self.tell_changes)
        news.add(key)

    def join(self, to: Follower) -> "Following[K, V]":
        """A new follower; he is told of changes once it `begin`s."""
        following = Following(self, to)
        self._followers.add(following)
        self._joining.add(following)
        metrics.subscribers.inc()
        return following

    def joined(self, following: "Following[K, V]") -> bool:
        """Tell him like the others from here on; whether he is still there."""
        # What is told later must not be told to him together with what he is behind with: its
        # cursor is behind all of it.
        self.tell_changes()
        self._joining.discard(following)
        return following in self._followers

    def is_joining(self, following: "Following[K, V]") -> bool:
        """Whether he does not know yet how things are."""
        return following in self._joining

    def leave(self, following: "Following[K, V]") -> bool:
        """Tell somebody nothing more; whether he was still there."""
        if following not in self._followers:
            return False
        self._followers.discard(following)
        self._joining.discard(following)
        following.stand_with_all()
        metrics.subscribers.dec()
        if not self._followers:
            self._on_empty()
        return True

    def part(self, keys: Iterable[K]) -> None:
        """One more stands apart with these."""
        self._apart.update(keys)

    def unite(self, key: K) -> None:
        """One less does."""
        self._apart[key] -= 1
        if not self._apart[key]:
            del self._apart[key]

    def differs(self, key: K, value: V) -> tuple[bool, bool]:
        """Of a value that is told in another way: whether a newer one was offered, and whether none
        as new was."""
        newest = self._newest.setdefault(key, value)
        if newest is value:
            return False, False
        return self._newer(newest, value), self._newer(value, newest)

    def tell(self, keys: Collection[K]) -> bytes:
        """How things are that have changed."""
        return self._put([self._newest[key] for key in keys])

    def tell_changes(self) -> None:
        """Tell what was offered, if that was not done before."""
        if not self._changed and not self._repeated:
            return
        changed, repeated = frozenset(self._changed), frozenset(self._repeated - self._changed)
        self._changed, self._repeated = set(), set()
        # Who know the same are told the same.
        tell = cache(self.tell)
        try:
            for following in [*self._followers]:
                following.changed(changed, repeated, tell)
        except Exception as failure:  # noqa: BLE001 - nobody else would hear of it
            reference = _logged(failure)
            for following in [*self._followers]:
                following.fail(reference)


class Following(Generic[K, V]):
    """One follower of a stream, and what he has not been told yet."""

    __slots__ = ("_apart", "_behind", "_catching_up", "_stream", "_to")

    def __init__(self, stream: Stream[K, V], to: Follower) -> None:
        self._stream = stream
        self._to = to
        # Until he knows how things are, he is behind with whatever changes.
        self._behind: set[K] | None = set()
        self._apart: dict[K, V | None] = {}
        """What he knows otherwise than the others, mostly what they will be told soon; None for
        what he was told once and not here, so that nobody knows whether he knows the newest."""
        self._catching_up: asyncio.Task[None] | None = None

    def start(self, told: bytes) -> bool:
        """Tell him how things are, if that can be sent without a pause."""
        return self._sent_at_once(told)

    def begin(self, known: dict[K, V], untold: Iterable[K] = ()) -> None:
        """He knows these values, and is told of what is newer from here on. Who came back may have
        been told nothing of an item, as it had not changed then: what is `untold` and not known."""
        if not self._stream.joined(self):
            return
        missed = self._behind.difference(known) if self._behind else set()
        for key, value in known.items():
            is_behind, is_ahead = self._stream.differs(key, value)
            if is_behind:
                missed.add(key)
            elif is_ahead:
                self._apart[key] = value
        self._apart |= dict.fromkeys(
            key for key in untold if key not in known and key not in missed
        )
        self._stream.part(self._apart.keys())
        self._behind = None
        if missed:
            self._send(missed, self._stream.tell(missed))

    def changed(
        self,
        keys: frozenset[K],
        repeated: frozenset[K],
        tell: Callable[[frozenset[K]], bytes],
    ) -> None:
        """Tell him of a change, now or once he is ready; and of what was offered as it was before,
        where it is news for him."""
        if self._behind is not None and self._stream.is_joining(self):
            self._behind |= keys | repeated
            return
        if self._apart:
            news = {key for key in keys if key not in self._apart or self._is_news(key)}
            news |= {key for key in repeated if key in self._apart and self._is_news(key)}
            keys = frozenset(news)
        if not keys:
            return
        if self._behind is None:
            self._send(keys, tell(keys))
        else:
            self._behind |= keys

    def _is_news(self, key: K) -> bool:
        known = self._apart[key]
        is_behind, is_ahead = (True, False) if known is None else self._stream.differs(key, known)
        if not is_ahead:
            del self._apart[key]
            self._stream.unite(key)
        return is_behind

    def stand_with_all(self) -> None:
        """It no longer matters what he knows."""
        for key in self._apart:
            self._stream.unite(key)
        self._apart = {}

    def end(self) -> None:
        """Tell him nothing more."""
        self._stream.leave(self)
        if self._catching_up is not None:
            self._catching_up.cancel()

    def fail(self, reference: str) -> None:
        """Tell him that it can go on no more."""
        self.end()
        self._to.fail(reference)

    def _send(self, keys: Collection[K], told: bytes) -> None:
        try:
            sent = self._sent_at_once(told)
        except Exception as failure:  # noqa: BLE001 - the others are told all the same
            self.fail(_logged(failure))
            return
        if not sent:
            self._behind = set(keys)
            self._catching_up = asyncio.create_task(self._catch_up(), name="catching up")

    def _sent_at_once(self, told: bytes) -> bool:
        try:
            return self._to.send_now(told)
        except FollowerGone:
            self._stream.leave(self)
            return True

    async def _catch_up(self) -> None:
        try:
            while self._behind:
                # All that was offered with what he is told, or its cursor says too much.
                self._stream.tell_changes()
                behind, self._behind = self._behind, set()
                await self._to.send(self._stream.tell(behind))
            self._behind = None
        except FollowerGone:
            self._stream.leave(self)
        except Exception as failure:  # noqa: BLE001 - nobody else would hear of it
            if self._stream.leave(self):
                self._to.fail(_logged(failure))
        finally:
            self._catching_up = None


def _logged(failure: Exception) -> str:
    reference = secrets.token_hex(6)
    log.error("stream.failed", reference=reference, exc_info=failure)
    return reference
