"""Those who are far behind: what they have missed is found apart from what the others are told, so
that nobody waits for it but they."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

import structlog

from hub.domain.errors import Unavailable
from hub.services.feeds.asking import Asking
from hub.services.feeds.form import Lost
from hub.services.feeds.loss import loss_of
from hub.services.feeds.plans import Plans
from hub.services.feeds.position import START, Position
from hub.services.feeds.reader import Reader, Reading
from hub.services.feeds.source import Overtaken, Source, Step, next_step
from hub.store.moments import Moment, Moments, TookTooLong

MAX_TRIES: Final = 3
"""Statements of one place that take too long, before it is given up."""
RETRY_SECONDS: Final = 0.5

log = structlog.get_logger()


class FarBehind:
    """Tells them one piece after the other, each place in its turn, until they are near enough."""

    def __init__(self, source: Source, moments: Moments) -> None:
        self.asking = Asking()
        self._source = source
        self._moments = moments
        self._plans = Plans()
        self._slow: Reading | None = None
        self._tries = 0
        """Of the slow one."""
        self._is_over = False

    def end(self) -> None:
        """Let `run` come to its end."""
        self._is_over = True
        self.asking.woken.set()

    async def run(self) -> None:
        """Tell them, until `end`."""
        while not self._is_over:
            await self.asking.woken.wait()
            self.asking.woken.clear()
            for reading, readers in self.asking.by_place(1).items():
                await self._try_to_tell(reading, readers)
            if self.asking:
                self.asking.woken.set()

    async def _try_to_tell(self, reading: Reading, readers: Sequence[Reader]) -> None:
        try:
            await self._tell(reading, readers)
        except Overtaken:
            return
        except Unavailable as away:
            if isinstance(away, TookTooLong):
                self._tries = self._tries + 1 if reading == self._slow else 1
                self._slow = reading
            await asyncio.sleep(RETRY_SECONDS)
        except Exception:
            log.exception("feed.failed")
            self.asking.hang_up(readers)

    async def _tell(self, reading: Reading, readers: Sequence[Reader]) -> None:
        is_given_up = reading == self._slow and self._tries >= MAX_TRIES
        read = partial(self._read, reading.position, is_given_up)
        step, loss = await self._moments.read(read)
        self._slow = None
        self.asking.tell(reading, readers, step, loss, None)

    async def _read(
        self, position: Position, is_given_up: bool, moment: Moment
    ) -> tuple[Step, Lost | None]:
        loss: Lost | None = Lost.TOO_FAR_BEHIND
        if not is_given_up:
            loss = await loss_of(self._source, moment, position)
        return await next_step(self._source, moment, START if loss else position, self._plans), loss
