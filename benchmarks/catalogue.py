"""All benchmarks: what they are called and which function measures them."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from benchmarks import (
    all_changed,
    baskets,
    cold_reads,
    events_http,
    events_redis_stream,
    fan_out,
    feed_fan_out,
    full_ledger,
    half_load,
    hints,
    idle_sockets,
    intake,
    large_snapshots,
    live_load,
    log_readers,
    long_lists,
    over_http,
    processes,
    reads,
    replaying,
    reservations,
    snapshots,
    two_processes,
    watched_items,
    while_changing,
)
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
    Benchmark((reservations.SPREAD_500,), reservations.reserve_spread_500),
    Benchmark((baskets.THREE_LINES,), baskets.reserve_three_lines),
    Benchmark((processes.FOUR_PROCESSES,), processes.reserve_four_processes),
    Benchmark((half_load.HALF_LOAD_P99,), half_load.reserve_half_load_p99),
    Benchmark(
        (over_http.AGAINST_ROW_LOCKS, over_http.AGAINST_NOTHING), over_http.reserve_over_http
    ),
    Benchmark((full_ledger.FULL_LEDGER,), full_ledger.reserve_full_ledger),
    Benchmark((full_ledger.TEN_MINUTES,), full_ledger.reserve_ten_minutes),
    Benchmark((replaying.REPLAY_RATE,), replaying.replay_rate),
    Benchmark((snapshots.SNAPSHOT,), snapshots.snapshot_100k),
    Benchmark((snapshots.AGAIN, snapshots.AGAIN_AGAINST_FIRST), snapshots.snapshot_again),
    Benchmark((large_snapshots.MEMORY, large_snapshots.WHILE), large_snapshots.large_snapshot),
    Benchmark((intake.P50, intake.P99), intake.intake_to_subscriber),
    Benchmark((reads.READ_24_AGAINST_RAW, reads.READ_24_AGAINST_YOGA), reads.read_24),
    Benchmark((reads.READ_1_AGAINST_RAW, reads.READ_1_AGAINST_YOGA), reads.read_1),
    Benchmark(
        (all_changed.READ_24_ALL_CHANGED, all_changed.READ_24_JUST_CHANGED),
        all_changed.read_24_all_changed,
    ),
    Benchmark(
        (cold_reads.READ_COLD_AGAINST_ASYNCPG, cold_reads.READ_COLD_OVER_HTTP),
        cold_reads.read_cold,
    ),
    Benchmark(tuple(one.name for one in long_lists.LISTINGS), long_lists.page_at_1m),
    Benchmark((while_changing.READ_WHILE_CHANGING,), while_changing.read_while_changing),
    Benchmark(
        (fan_out.AGAINST_RAW, fan_out.AGAINST_YOGA, fan_out.AGAINST_STOCK, fan_out.WORST_ROUND),
        fan_out.fan_out,
    ),
    Benchmark((fan_out.AGAINST_READING,), fan_out.fan_out_with_stalled),
    Benchmark((feed_fan_out.FEEDS_AGAINST_RAW,), feed_fan_out.feed_fan_out),
    Benchmark((live_load.LIVE_LOAD_P99,), live_load.live_load_p99),
    Benchmark((events_http.RATE, events_http.AGAINST_COPY), events_http.events_http),
    Benchmark(
        (events_redis_stream.RATE, events_redis_stream.AGAINST_COPY),
        events_redis_stream.events_redis_stream,
    ),
    Benchmark((two_processes.ON_REDIS, two_processes.ON_POSTGRES), two_processes.two_processes),
    Benchmark(hints.HINTS, hints.hints),
    Benchmark((log_readers.LOST, log_readers.DELAY), log_readers.log_readers),
    Benchmark((watched_items.WATCHED_ITEMS,), watched_items.watched_items),
    Benchmark((idle_sockets.IDLE_MEMORY, idle_sockets.CONNECTING), idle_sockets.idle_sockets),
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
