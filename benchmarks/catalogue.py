"""All benchmarks: what they are called and which function measures them."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from benchmarks import intake, replaying, reservations
from benchmarks.figures import Figure
from benchmarks.stage import Stage


class Benchmark(NamedTuple):
    """One measurement, and the figures that come of it."""

    names: tuple[str, ...]
    measure: Callable[[Stage], Awaitable[list[Figure]]]


BENCHMARKS = (
    Benchmark((reservations.HOT_64,), reservations.reserve_hot_64),
    Benchmark((reservations.HOT_64_KEYLESS,), reservations.reserve_hot_64_keyless),
    Benchmark((reservations.HOT_500,), reservations.reserve_hot_500),
    Benchmark((reservations.SPREAD_64,), reservations.reserve_spread_64),
    Benchmark((replaying.REPLAY_RATE,), replaying.replay_rate),
    Benchmark((intake.P50, intake.P99), intake.intake_to_subscriber),
)

NAMES = [name for benchmark in BENCHMARKS for name in benchmark.names]


def chosen(only: str | None) -> list[Benchmark]:
    """The benchmark with a figure named `only`, else those with one whose name begins with it; all
    of them without it."""
    exact = [benchmark for benchmark in BENCHMARKS if only in benchmark.names]
    return exact or [
        benchmark
        for benchmark in BENCHMARKS
        if any(name.startswith(only or "") for name in benchmark.names)
    ]
