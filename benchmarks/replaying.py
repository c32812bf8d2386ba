"""How fast a recorded order log goes through the doors of live traffic."""

import gzip
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.figures import OURS, Bound, Figure, median_of_rounds
from benchmarks.order_by_order import book_orders
from benchmarks.rounds import alternate
from benchmarks.stage import Stage, hub_on, real_data
from workers.ingest import Ingest
from workers.replay import replay

ROUNDS: Final = 3
FIRST_LINES: Final = 50_000
"""A first part of the log: five weeks, with the largest day of the year."""

REPLAY_RATE: Final = "replay_rate"
BASELINE: Final = "row locks order by order, orders only"
BOUND: Final = Bound("≥", 5_000)
UNIT: Final = "lines/s"


async def replay_rate(stage: Stage) -> list[Figure]:
    """Lines of the real log per second of the replay, first pass and opening stock included."""
    logs = sorted((real_data() / "orders").glob("*.csv.gz"))
    if not logs:
        note = f"not measured: there is no order log in {real_data()} (HUB_REAL_DATA)"
        return [Figure(REPLAY_RATE, UNIT, bound=BOUND, note=note)]
    path = logs[0] if stage.full else _first_part(logs[0], stage.folder)

    async def ours() -> float:
        async with stage.databases.fresh() as database_url, hub_on(database_url) as services:
            report = await replay(services, Ingest(services), path, lambda _done, _of: None)
        assert report.dead_letters == 0
        return report.lines_per_second

    async def baseline() -> float:
        async with stage.databases.fresh() as database_url:
            return await book_orders(database_url, path)

    runs = await alternate(ROUNDS, {OURS: ours, BASELINE: baseline}, stage.tell)
    return [median_of_rounds(REPLAY_RATE, runs, UNIT, BASELINE, BOUND)]


def _first_part(log: Path, folder: Path) -> Path:
    """A log of its own, so that the first pass reads no more than what is replayed."""
    part = folder / "first_part.csv"
    with gzip.open(log, "rt", encoding="utf-8", newline="") as lines:
        part.write_text("".join(islice(lines, 1 + FIRST_LINES)), encoding="utf-8", newline="")
    return part
