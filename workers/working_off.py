"""Works off what a source has just sent, beside whoever works the inbox, and tells what became of
it."""

import asyncio
import time
from datetime import datetime
from typing import Final, NamedTuple

from hub.bootstrap import Services
from hub.store.inbox_replay import InboxRange, any_waiting, read_time, tally
from workers.ingest import DRAIN_PAUSE_SECONDS, Ingest

_LOOK_SECONDS: Final = 1.0
"""Between two looks at whether anything waits, while there is something to work."""


class WorkedOff(NamedTuple):
    """What became of events that took no effect."""

    superseded: int = 0
    """They were older than what is known, or said the same: they changed nothing."""
    dead_letters: int = 0

    def as_dict(self) -> dict[str, int]:
        """As part of a report."""
        return {"superseded": self.superseded, "deadLetters": self.dead_letters}


async def inbox_time(services: Services) -> datetime:
    """The moment behind which what is stored now is found."""
    return await read_time(services.database)


async def work_off(services: Services, source: str, since: datetime) -> WorkedOff:
    """Work until nothing waits of what a source has sent since then. Where a hub that runs works
    the same inbox, each does a part of it, and this tells what became of all."""
    of = InboxRange(source, since, await inbox_time(services))
    ingest = Ingest(services)
    look_at = 0.0
    while True:
        worked = (await ingest.work_due()).worked
        if worked == 0 or time.monotonic() >= look_at:
            # Others may send without a pause: what they send is not waited for.
            if not await any_waiting(services.database, of):
                break
            look_at = time.monotonic() + _LOOK_SECONDS
        if worked == 0:
            await asyncio.sleep(DRAIN_PAUSE_SECONDS)
    superseded = dead_letters = 0
    for (_, state), many in (await tally(services.database, of)).items():
        superseded += many if state == "SUPERSEDED" else 0
        dead_letters += many if state == "DEAD" else 0
    return WorkedOff(superseded, dead_letters)
