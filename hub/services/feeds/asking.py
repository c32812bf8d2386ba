"""The readers of a feed who wait to be told what comes next where they stand."""

import asyncio
from collections.abc import Sequence
from itertools import islice

from hub.services.feeds.form import Form, Lost
from hub.services.feeds.reader import Piece, Reader, Reading
from hub.services.feeds.source import Step
from hub.services.watch import EventKind


class Asking:
    """Who waits, in the order in which they asked."""

    def __init__(self) -> None:
        self._asked: dict[Reader, asyncio.Future[Piece]] = {}
        self.woken = asyncio.Event()
        """There may be something to do."""

    def __bool__(self) -> bool:
        return bool(self._asked)

    def ask(self, reader: Reader) -> asyncio.Future[Piece]:
        """What comes next for a reader."""
        asked = self._asked[reader] = asyncio.get_running_loop().create_future()
        self.woken.set()
        return asked

    def forget(self, reader: Reader) -> None:
        """He waits no longer."""
        asked = self._asked.pop(reader, None)
        if asked is not None:
            asked.cancel()

    def by_place(self, most: int) -> dict[Reading, list[Reader]]:
        """Those who wait, by where they stand; no more places than `most`."""
        waiting: dict[Reading, list[Reader]] = {}
        for reader in self._asked:
            waiting.setdefault(reader.reading, []).append(reader)
        return dict(islice(waiting.items(), most))

    def say_alive(self) -> None:
        """Tell all who wait that the feed is alive."""
        for reader in [*self._asked]:
            reader.say_alive()

    def hang_up(self, readers: Sequence[Reader] | None = None) -> None:
        """Let these go, or all."""
        for reader in [*self._asked] if readers is None else readers:
            self.forget(reader)
            reader.hang_up()

    def send_on(self, readers: Sequence[Reader], reading: Reading) -> None:
        """Have them ask anew."""
        for reader in readers:
            self._answer(reader, Piece(b"", reading, None))

    def tell(
        self,
        reading: Reading,
        readers: Sequence[Reader],
        step: Step,
        loss: Lost | None,
        number: int | None,
    ) -> None:
        """Tell those who stand at the same place what comes next; with the number of the batch that
        they are told then, if nothing is left that the others have been told."""
        kind = EventKind.RESET if loss else reading.kind
        is_silent = loss is not None or reading.is_silent
        told: dict[Form, bytes] = {}
        for form in {reader.form for reader in readers}:
            told[form] = form.reset(loss) if loss else b""
            if step.entries:
                told[form] += form.tell(kind, step.entries)
            elif number is not None and is_silent:
                told[form] += form.current(step.position.id)
        reached = Reading(
            step.position,
            kind if number is None else EventKind.CHANGE,
            is_silent and not step.entries,
            # Who has begun anew knows what is of the present.
            is_far=reading.is_far and step.more and not loss,
        )
        for reader in readers:
            self._answer(reader, Piece(told[reader.form], reached, number))

    def _answer(self, reader: Reader, piece: Piece) -> None:
        asked = self._asked.pop(reader, None)
        if asked is not None and not asked.done():
            asked.set_result(piece)
