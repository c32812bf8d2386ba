"""A feed: all who read the same, told together.

Whenever the log has something for it, the feed reads that and how things are at one moment, puts
it together once, and hands it to those who are up to date. Who is not is told from his own
position, at such a moment too; he is up to date when nothing is left that the others were told.
Who is far behind comes near apart from the others (`far_behind.py`).
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import structlog

from hub.domain.errors import Unavailable
from hub.services.feeds.asking import Asking
from hub.services.feeds.far_behind import MAX_TRIES, RETRY_SECONDS, FarBehind
from hub.services.feeds.form import Form, Lost
from hub.services.feeds.loss import is_far, loss_of
from hub.services.feeds.plans import Plans
from hub.services.feeds.position import NOWHERE, START, Position
from hub.services.feeds.reader import Piece, Reader, Reading
from hub.services.feeds.ring import Batch, Ring
from hub.services.feeds.source import Entry, Overtaken, Source, Step, next_step
from hub.services.watch import EventKind
from hub.store.change_log import Changes
from hub.store.log_cursor import LogCursor
from hub.store.moments import Moment, Moments, TookTooLong

MAX_CATCHING_UP: Final = 8
"""Positions that are read from at one moment, besides that of those who are up to date."""
MAX_TOLD: Final = 100_000
"""So many things are remembered as they were told last. Of others more may be told than is new."""
HEARTBEAT_SECONDS: Final = 15.0

log = structlog.get_logger()


class _Turn(NamedTuple):
    """What was read at one moment."""

    news: Step | None
    """For those who are up to date; None where nobody can be."""
    rest: list[tuple[Step, Lost | None] | None]
    """For others, and why their place was lost, if it was; None for who is far behind."""
    cursor: LogCursor

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing more for those who are up to date."""
        return self.news is None or not self.news.more


class Feed:
    """The readers of one source."""

    def __init__(
        self,
        source: Source,
        moments: Moments,
        far_moments: Moments,
        on_empty: Callable[[], None],
    ) -> None:
        self.ring = Ring()
        self._source = source
        self._moments = moments
        self._on_empty = on_empty
        self._position = START
        """Of those who are up to date."""
        self._plans = Plans()
        self._told: dict[str, int] = {}
        """Digests of what these were told last."""
        self._forms: Counter[Form] = Counter()
        self._up_to_date: dict[Reader, None] = {}
        self._asking = Asking()
        self._woken = self._asking.woken
        self._far_behind = FarBehind(source, far_moments)
        self._is_reading = False
        self._slow_turns = 0
        self._is_over = False
        self._beat_at = time.monotonic() + HEARTBEAT_SECONDS

    def checked(self, position: Position) -> Position:
        """A position that somebody brings, if it can be one of this feed."""
        return position if all(map(self._source.is_key, position.keys)) else NOWHERE

    def join(self, reader: Reader) -> None:
        """A new reader, who is told nothing before he asks for it."""
        self._forms[reader.form] += 1

    def leave(self, reader: Reader) -> None:
        """One reader less."""
        self._forms -= Counter([reader.form])
        self._asking.forget(reader)
        self._far_behind.asking.forget(reader)
        if not self._forms:
            self._on_empty()

    def attach(self, reader: Reader) -> None:
        """A reader is up to date."""
        self._up_to_date[reader] = None

    def detach(self, reader: Reader) -> None:
        """A reader is so no longer."""
        self._up_to_date.pop(reader, None)

    def piece(self, reader: Reader) -> asyncio.Future[Piece]:
        """What comes next where a reader stands."""
        asking = self._far_behind.asking if reader.reading.is_far else self._asking
        return asking.ask(reader)

    def note(self, changes: Changes, cursor: LogCursor) -> None:
        """Take notice of what has come into the log, up to a cursor."""
        if self._source.concerns(changes):
            self._woken.set()
            return
        known = self._position
        # Who comes back need not look through what was none of his feed's.
        is_quiet = not self._is_reading and not self._woken.is_set()
        if is_quiet and known == Position(known.known) and _is_behind(known.known, cursor):
            self._position = Position(cursor)

    def end(self) -> None:
        """Let `run` come to its end, and go on no more."""
        self._is_over = True
        self._woken.set()
        self._far_behind.end()

    async def run(self) -> None:
        """Tell the readers, until `end`. While the database is away they are only told that the
        feed is alive."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(), name="feed")
            tasks.create_task(self._far_behind.run(), name="feed far behind")

    async def _follow(self) -> None:
        while not self._is_over:
            await self._wait()
            try:
                if time.monotonic() >= self._beat_at:
                    self._beat()
                if self._woken.is_set():
                    self._woken.clear()
                    self._is_reading = True
                    await self._take_turn()
                    self._slow_turns = 0
            except Overtaken:
                self._woken.set()
            except Unavailable as away:
                self._woken.set()
                self._slow_turns += isinstance(away, TookTooLong)
                if self._slow_turns >= MAX_TRIES:
                    self._fall_behind()
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("feed.failed")
                for reader in [*self._up_to_date]:
                    reader.hang_up()
                self._asking.hang_up()
            finally:
                self._is_reading = False

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(max(0.0, self._beat_at - time.monotonic())):
                await self._woken.wait()
        except TimeoutError:
            return

    def _beat(self) -> None:
        self._beat_at = time.monotonic() + HEARTBEAT_SECONDS
        for asking in (self._asking, self._far_behind.asking):
            asking.say_alive()
        if self._position == START:
            return
        told = {form: form.heartbeat(self._position.id) for form in self._forms}
        for reader in [*self._up_to_date]:
            reader.say(told[reader.form], self._position)

    def _fall_behind(self) -> None:
        """Too much has come at once for those who were up to date."""
        before, self._position = self._position, START
        self._slow_turns = 0
        for reader in [*self._up_to_date]:
            reader.lose_place(before)

    async def _take_turn(self) -> None:
        asking = self._asking.by_place(MAX_CATCHING_UP)
        before = self._position
        turn = await self._moments.read(partial(self._read, before, [*asking]))
        # From here on without a pause: who is up to date now has been told nothing else before.
        self._tell_news(before, turn)
        number = self.ring.end if turn.is_complete else None
        for (reading, readers), found in zip(asking.items(), turn.rest, strict=True):
            if found is None:
                self._asking.send_on(readers, reading._replace(is_far=True))
            else:
                step, loss = found
                self._asking.tell(reading, readers, step, loss, None if step.more else number)
        if self._asking or not turn.is_complete:
            self._woken.set()

    async def _read(self, before: Position, asking: Sequence[Reading], moment: Moment) -> _Turn:
        news = None
        if before != START and await loss_of(self._source, moment, before) is None:
            news = await next_step(self._source, moment, before, self._plans)
        rest = [await self._rest(moment, reading.position) for reading in asking]
        return _Turn(news, rest, moment.cursor)

    async def _rest(self, moment: Moment, position: Position) -> tuple[Step, Lost | None] | None:
        if await is_far(moment, position):
            return None
        loss = await loss_of(self._source, moment, position)
        return await next_step(self._source, moment, START if loss else position, self._plans), loss

    def _tell_news(self, before: Position, turn: _Turn) -> None:
        """Tell those who are up to date."""
        step = turn.news
        if step is None:
            self._begin_anew(before, turn.cursor)
            return
        self._position = step.position
        news = [one for one in step.entries if self._is_news(one)]
        if news:
            news[-1] = news[-1]._replace(position=step.position)
            told = {form: form.tell(EventKind.CHANGE, news) for form in self._forms}
            self._append(Batch(before, step.position, told))

    def _is_news(self, entry: Entry) -> bool:
        # Taken out and put in again, so that the first ones are those not told of for longest.
        before = self._told.pop(entry.key, None)
        self._told[entry.key] = entry.value.digest
        if len(self._told) > MAX_TOLD:
            del self._told[next(iter(self._told))]
        return before != entry.value.digest

    def _append(self, batch: Batch) -> None:
        number = self.ring.end
        self.ring.append(batch)
        for reader in [*self._up_to_date]:
            reader.tell(batch, number)

    def _begin_anew(self, before: Position, cursor: LogCursor) -> None:
        """The feed begins; or the database was restored, and what was told may never have been."""
        self.ring.clear()
        self._told.clear()
        self._position = Position(cursor)
        for reader in [*self._up_to_date]:
            reader.lose_place(before)


def _is_behind(known: LogCursor | None, cursor: LogCursor) -> bool:
    return known is not None and cursor.includes(known)
