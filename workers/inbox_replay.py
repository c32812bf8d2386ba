"""Works a range of the inbox again: nothing happens to what took effect, and the rest is repaired.

An event took effect if its entry says so, for it is marked in the transaction of its effect. So
replaying a range twice, or while workers run, is as good as once.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.bootstrap import Services
from hub.store.inbox_replay import InboxRange, count_waiting, put_back, tally
from workers.ingest import DRAIN_PAUSE_SECONDS, Ingest

_PUT_BACK_AT_ONCE: Final = 1_000
_ACTOR: Final = "replay"
_TOOK_EFFECT: Final = ("APPLIED", "SUPERSEDED")
_TO_WORK: Final = ("DEAD", "PENDING")

Progress = Callable[[int, int], None]
"""Told the events worked and the events to work."""

States = Mapping[tuple[str, str], int]


@dataclass
class InboxReplayReport:
    """What became of the events of a range."""

    range: InboxRange
    dry_run: bool
    before: States
    after: States = field(default_factory=dict)

    @property
    def events(self) -> dict[str, dict[str, int]]:
        """By type: what had taken effect before, what was repaired, what is still dead, and what
        somebody has discarded. In a dry run `toWork` stands for the second and third."""
        found: dict[str, dict[str, int]] = {}
        for type in sorted({type for type, _ in self.before}):
            counts = {
                "unchanged": self._sum(self.before, type, *_TOOK_EFFECT),
                "discarded": self._sum(self.before, type, "DISCARDED"),
            }
            if self.dry_run:
                counts["toWork"] = self._sum(self.before, type, *_TO_WORK)
            else:
                repaired = self._sum(self.after, type, *_TOOK_EFFECT) - counts["unchanged"]
                counts["repaired"] = repaired
                counts["deadLetters"] = self._sum(self.after, type, "DEAD")
            found[type] = counts
        return found

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        total: Counter[str] = Counter()
        for counts in self.events.values():
            total.update(counts)
        first = self.range.received_from
        return {
            "source": self.range.source,
            "from": None if first is None else first.isoformat(),
            "to": self.range.received_to.isoformat(),
            "dryRun": self.dry_run,
            "read": sum(self.before.values()),
            **total,
            "events": self.events,
        }

    @staticmethod
    def _sum(states: States, type: str, *wanted: str) -> int:
        return sum(states.get((type, state), 0) for state in wanted)


async def replay_inbox(
    services: Services, ingest: Ingest, of: InboxRange, progress: Progress, dry_run: bool = False
) -> InboxReplayReport:
    """Work what a source sent in a stretch of time again, which must be over; with `dry_run` only
    tell what would be."""
    database = services.database
    report = InboxReplayReport(of, dry_run, await tally(database, of))
    if dry_run:
        return report
    to_work = sum(many for (_, state), many in report.before.items() if state in _TO_WORK)
    progress(0, to_work)
    last = 0
    while ids := await put_back(database, of, last, _PUT_BACK_AT_ONCE, _ACTOR):
        last = ids[-1]
    await _work_off(services, ingest, of, lambda left: progress(max(to_work - left, 0), to_work))
    progress(to_work, to_work)
    report.after = await tally(database, of)
    return report


async def _work_off(
    services: Services, ingest: Ingest, of: InboxRange, tell: Callable[[int], None]
) -> None:
    """Until nothing of a range waits; what comes in meanwhile is not waited for."""
    while waiting := await count_waiting(services.database, of):
        tell(waiting)
        if (await ingest.work_due()).worked == 0:
            await asyncio.sleep(DRAIN_PAUSE_SECONDS)
