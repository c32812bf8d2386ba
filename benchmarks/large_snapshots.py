"""A file of a million rows, taken in by a process of its own: its memory, and who waits for it."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from benchmarks.assortment import LOCATIONS, put_assortment, sku_of
from benchmarks.baskets import baskets
from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.open_loop import p99
from benchmarks.served import environment_for, python
from benchmarks.stage import Stage, hub_on
from benchmarks.steady import make_log_segments

ITEMS: Final = 333_334
ROWS: Final = 1_000_000
RESERVED_ITEMS: Final = 1_000
RATE: Final = 100.0
"""Reservations per second, evenly spaced: more than most shops have on their best day."""
QUIET_SECONDS: Final = 20.0
DURING_SECONDS: Final = 60.0
"""Then nobody reserves any more, and the rest is taken in without giving way."""
MILLISECONDS: Final = 1_000
MEBIBYTE: Final = 1 << 20

MEMORY: Final = "snapshot_memory"
WHILE: Final = "reserve_while_snapshot"
QUIET: Final = "the same without a snapshot"


async def large_snapshot(stage: Stage) -> list[Figure]:
    """Memory of `import stock FILE --snapshot`, and p99 of reservations while it runs."""
    async with stage.databases.fresh() as database_url:
        stage.tell("putting the shop in", 0, 3)
        await put_assortment(database_url, ITEMS)
        if not stage.databases.given:
            await make_log_segments(database_url)
        file = stage.folder / "million.csv"
        _write_file(file)
        # Of twenty items that follow one another the first two have little or nothing.
        step = ITEMS // RESERVED_ITEMS // 20 * 20
        skus = [sku_of(2 + step * place) for place in range(RESERVED_ITEMS)]
        async with hub_on(database_url) as services:
            reserve = baskets(services, skus, 1)
            await _latencies(reserve, 3.0)
            stage.tell("quiet", 1, 3)
            quiet = await _latencies(reserve, QUIET_SECONDS)
            stage.tell("snapshot", 2, 3)
            importing = asyncio.create_task(_imported(database_url, file))
            during: list[float] = []
            ends = time.perf_counter() + DURING_SECONDS
            while not importing.done() and time.perf_counter() < ends:
                during += await _latencies(reserve, 1.0)
            peak = await importing
    run = {OURS: p99(during) * MILLISECONDS, QUIET: p99(quiet) * MILLISECONDS}
    return [
        Figure(MEMORY, "MiB", peak / MEBIBYTE, Bound("<", 300), runs=[{OURS: peak / MEBIBYTE}]),
        ratio_to_best(WHILE, [run], "ms", Bound("≤", 2)),
    ]


def _write_file(file: Path) -> None:
    with file.open("w") as out:
        out.write("sku,location,on_hand\n")
        for line in range(ROWS):
            # No item sinks to nothing, or by much: it has to be believed.
            out.write(f"{sku_of(line // 3)},{LOCATIONS[line % 3]},{50 + line % 20}\n")


async def _imported(database_url: str, file: Path) -> int:
    """Bytes that the importing process had in memory at most."""
    command = python("hub", "import", "stock", str(file), "--snapshot", "--source", "erp", "--json")
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment_for(database_url),
        cwd=file.parent,
        stdout=asyncio.subprocess.DEVNULL,
    )
    peak = 0
    while process.returncode is None:
        peak = max(peak, _most_memory(process.pid))
        await asyncio.sleep(0.2)
    assert process.returncode == os.EX_OK, f"the import ended with {process.returncode}"
    return peak


def _most_memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return max(
        (int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")), default=0
    )


async def _latencies(call: Callable[[], Awaitable[object]], seconds: float) -> list[float]:
    """Seconds that each call took from when it was due. Sleeps in between: whoever else works has
    the processors."""
    taken: list[float] = []

    async def one(due: float) -> None:
        await call()
        taken.append(time.perf_counter() - due)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(round(RATE * seconds)):
            due = started + number / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            calls.create_task(one(due))
    return taken
