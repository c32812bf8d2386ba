"""One reader of a feed: a position in the log, and nothing that grows.

As long as he takes what he is sent he costs one write for each batch. One who does not is told from
the last batches, or from the log, once he is ready.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

import structlog

from hub.services.feeds.form import FeedFollower, Form
from hub.services.feeds.position import NOWHERE, START, Position
from hub.services.feeds.ring import Batch, Ring
from hub.services.watch import EventKind

log = structlog.get_logger()


class Reading(NamedTuple):
    """Where a reader stands: what he is told next depends on nothing else."""

    position: Position
    kind: EventKind
    """Of what he is told next."""
    is_silent: bool
    """Whether he was told nothing yet."""
    is_far: bool = False
    """Whether much has come into the log behind it."""


class Piece(NamedTuple):
    """What a reader is told from the log."""

    told: bytes
    reading: Reading
    """Where he stands then."""
    number: int | None
    """The batch that comes next, once he has caught up."""


class ReadFeed(Protocol):
    """What a reader needs of its feed."""

    ring: Ring

    def piece(self, reader: "Reader") -> Awaitable[Piece]:
        """What comes next where the reader stands."""

    def attach(self, reader: "Reader") -> None:
        """Let him be told of each batch from here on."""

    def detach(self, reader: "Reader") -> None:
        """Tell him of none for the time being."""


class Reader:
    """Tells one follower what comes behind a position, for as long as he stays."""

    def __init__(
        self,
        feed: ReadFeed,
        form: Form,
        position: Position,
        to: FeedFollower,
        on_close: Callable[["Reader"], None],
    ) -> None:
        kind = EventKind.SNAPSHOT if position == START else EventKind.RECOVERED
        self.form = form
        self.reading = Reading(position, kind, is_silent=True)
        self._feed = feed
        self._to = to
        self._on_close = on_close
        self._number: int | None = None
        self._catching_up: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Tell him what he does not know."""
        self._catch_up(b"")

    def close(self) -> None:
        """Tell him nothing more."""
        self._feed.detach(self)
        if self._catching_up is not None:
            self._catching_up.cancel()
        self._on_close(self)

    def hang_up(self) -> None:
        """Let him go."""
        self._to.hang_up()

    def tell(self, batch: Batch, number: int) -> None:
        """Tell him of a batch, now or once he is ready."""
        if not self._to.send_now(batch.told[self.form]):
            self._fall_behind(batch.before, number, b"")

    def say(self, told: bytes, position: Position) -> None:
        """Tell him something besides the batches, while he stands at a position."""
        if not self._to.send_now(told):
            self._fall_behind(position, self._feed.ring.end, told)

    def say_alive(self) -> None:
        """Tell him that he is not forgotten while he waits for what comes next."""
        position = self.reading.position
        if position not in (START, NOWHERE):
            self._to.send_now(self.form.heartbeat(position.id))

    def lose_place(self, position: Position) -> None:
        """Find out from the log what is true of where he stood."""
        self._fall_behind(position, None, b"")

    def _fall_behind(self, position: Position, number: int | None, told: bytes) -> None:
        self._feed.detach(self)
        self.reading = Reading(position, EventKind.CHANGE, is_silent=False)
        self._number = number
        self._catch_up(told)

    def _catch_up(self, told: bytes) -> None:
        self._catching_up = asyncio.create_task(self._read_on(told), name="feed reader")

    async def _read_on(self, told: bytes) -> None:
        try:
            await self._send(told)
            while not self._is_at_end():
                await self._send(await self._next())
            self._catching_up = None
            self._feed.attach(self)
        except Exception:
            log.exception("feed.reader_failed")
            self.hang_up()

    def _is_at_end(self) -> bool:
        return self._number == self._feed.ring.end

    async def _next(self) -> bytes:
        batch = None if self._number is None else self._feed.ring.at(self._number)
        if batch is not None and self._number is not None:
            self.reading = Reading(batch.position, EventKind.CHANGE, is_silent=False)
            self._number += 1
            return batch.told.get(self.form, b"")
        told, self.reading, self._number = await self._feed.piece(self)
        return told

    async def _send(self, told: bytes) -> None:
        if told:
            await self._to.send(told)
