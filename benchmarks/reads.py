"""How fast warm reads are over HTTP: against Starlette with a dict, and against Yoga on Node."""

from dataclasses import replace
from typing import Final

from benchmarks.asking import UNIT, Asking, costs_of
from benchmarks.figures import OURS, Bound, Figure, ratio_to
from benchmarks.read_servers import RAW, YOGA, check_answers, read_servers
from benchmarks.rounds import alternate
from benchmarks.stage import Stage

ROUNDS: Final = 9

READ_24_AGAINST_RAW: Final = "read_24_against_raw"
READ_24_AGAINST_YOGA: Final = "read_24_against_yoga"
READ_1_AGAINST_RAW: Final = "read_1_against_raw"
READ_1_AGAINST_YOGA: Final = "read_1_against_yoga"


async def read_24(stage: Stage) -> list[Figure]:
    """32 callers ask for 24 random items of 10,000, with 7 fields of each."""
    bounds = {
        RAW: (READ_24_AGAINST_RAW, Bound("≥", 0.5)),
        YOGA: (READ_24_AGAINST_YOGA, Bound("≥", 2.5)),
    }
    return await _read(stage, 24, bounds)


async def read_1(stage: Stage) -> list[Figure]:
    """The same callers ask for one item at a time."""
    bounds = {
        RAW: (READ_1_AGAINST_RAW, Bound("≥", 0.4)),
        YOGA: (READ_1_AGAINST_YOGA, Bound("≥", 1.8)),
    }
    return await _read(stage, 1, bounds)


async def _read(stage: Stage, items: int, bounds: dict[str, tuple[str, Bound]]) -> list[Figure]:
    async with read_servers(stage) as shop:
        servers = {OURS: shop.hub, RAW: shop.raw, YOGA: shop.yoga}
        asking = {name: Asking(server, shop.skus, items) for name, server in servers.items()}
        for side in asking.values():
            await side.warm_up()
        sides = {name: side.rate for name, side in asking.items()}
        runs = await alternate(ROUNDS, sides, stage.tell)
        for server in servers.values():
            await check_answers(server, shop.answers)
    return [
        replace(ratio_to(name, runs, peer, UNIT, bound), note=costs_of(asking))
        for peer, (name, bound) in bounds.items()
    ]
