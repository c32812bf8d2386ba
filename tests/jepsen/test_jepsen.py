"""Many clients, processes that are killed all the time, and a history that must hold.

HUB_JEPSEN_SECONDS says how long the clients go on, HUB_JEPSEN_SEED what they and the nemesis
choose (how requests interleave is up to the machine). `pytest -s` shows how it goes.
"""

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import orjson
import pytest

from tests.e2e.database import answer_to
from tests.e2e.processes import run_command
from tests.jepsen.book import read_book
from tests.jepsen.caller import Caller
from tests.jepsen.checker import check, report
from tests.jepsen.clients import WORK, open_stock
from tests.jepsen.cluster import Cluster
from tests.jepsen.history import History, Look, Operation
from tests.jepsen.market import Market, put_catalogue
from tests.jepsen.nemesis import Nemesis
from tests.waiting import eventually

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("HUB_JEPSEN_SECONDS") or 120)
SEED = os.environ.get("HUB_JEPSEN_SEED") or str(random.SystemRandom().randrange(1_000_000))
PROGRESS_SECONDS = 5.0
SETTLE_SECONDS = 60.0
ASKED_ONCE_MORE = 400
SECONDS_PER_KILL_AT_MOST = 4
WAITING = """select (select count(*) from inbox where state = 'PENDING')
    + (select count(*) from reservation where state = 'HELD' and expires_at < now())"""


async def test_nothing_is_lost_or_sold_twice_though_processes_are_killed(
    durable_database_url: str, tmp_path: Path
) -> None:
    print(f"\nHUB_JEPSEN_SEED={SEED} HUB_JEPSEN_SECONDS={SECONDS:.0f}")
    await put_catalogue(durable_database_url)
    history = History()
    cluster = Cluster(tmp_path, durable_database_url, history)
    try:
        await _run(cluster, history)
        await _drain(durable_database_url)
        audits = [
            await asyncio.to_thread(
                run_command, "audit", *how, folder=tmp_path, DATABASE_URL=durable_database_url
            )
            for how in (["--json"], ["--chain", "--json"])
        ]
        book = await read_book(durable_database_url)
        ends = [await asyncio.to_thread(node.stop) for node in cluster.nodes]
    finally:
        cluster.end()
        (tmp_path / "history.jsonl").write_bytes(history.as_json_lines())
        print(f"The whole history: {tmp_path / 'history.jsonl'}")
    violations = check(history, book)
    print(_summary(history, cluster))
    if violations:
        pytest.fail(f"seed {SEED}: {report(violations, history)}", pytrace=False)
    for audit in audits:
        assert orjson.loads(audit.stdout)["clean"], audit.stdout
    assert [code for code, _ in ends] == [0] * len(ends), ends
    assert "Traceback" not in cluster.said()
    # A run in which little happened proves little.
    assert cluster.kills >= SECONDS // SECONDS_PER_KILL_AT_MOST
    asked = Counter((type(one.asked).__name__, str(one.outcome)) for one in history.operations)
    for name in ("Reserve", "Commit", "Release"):
        assert asked[name, "ok"] > 0 < asked[name, "refused"], asked
    assert history.figures()["lost"] > 0


async def _run(cluster: Cluster, history: History) -> None:
    """Let all clients and the nemesis loose, then wait until every client knows where he stands."""
    await cluster.all_ready()
    market = Market()
    peace = asyncio.Event()
    async with AsyncExitStack() as stack:

        def caller(name: str) -> Caller:
            made = Caller(name, cluster, history, Random(f"{SEED} {name}"))
            stack.push_async_callback(made.close)
            return made

        await open_stock(caller("opening"))
        nemesis = asyncio.create_task(Nemesis(cluster, Random(f"{SEED} nemesis")).run(peace))
        clients = [
            asyncio.create_task(work(caller(f"{kind}-{number}"), market))
            for kind, (count, work) in WORK.items()
            for number in range(1, count + 1)
        ]
        try:
            await _watch([nemesis, *clients], history, cluster)
            peace.set()
            await nemesis
            await cluster.all_ready()
            market.stop.set()
            # A client that never hears an answer is for the checker to report.
            done, _ = await asyncio.wait(clients, timeout=SETTLE_SECONDS)
            for client in done:
                client.result()
            await _ask_once_more(history, caller("again"), Random(SEED))
        finally:
            for task in (nemesis, *clients):
                task.cancel()
            await asyncio.gather(nemesis, *clients, return_exceptions=True)


async def _drain(database_url: str) -> None:
    """Wait until the workers have nothing left to do; what they never do is for the checker and
    the audit to report."""
    with contextlib.suppress(AssertionError):
        await eventually(
            lambda: answer_to(database_url, WAITING),
            lambda waiting: waiting == 0,
            within_seconds=SETTLE_SECONDS,
        )


async def _watch(tasks: list[asyncio.Task[None]], history: History, cluster: Cluster) -> None:
    """Tell how it goes until the time is over; whoever fails, fails the test at once."""
    until = time.monotonic() + SECONDS
    while (left := until - time.monotonic()) > 0:
        await asyncio.wait(
            tasks, timeout=min(left, PROGRESS_SECONDS), return_when="FIRST_COMPLETED"
        )
        for task in tasks:
            if task.done():
                task.result()
        print(_summary(history, cluster), flush=True)


async def _ask_once_more(history: History, caller: Caller, rng: Random) -> None:
    """Long after all is over, keys still stand for the answers they were given."""
    known = [one for one in history.operations if one.known and not isinstance(one.asked, Look)]
    again: list[Operation] = rng.sample(known, min(len(known), ASKED_ONCE_MORE))
    for one in again:
        await caller.attempt(one)


def _summary(history: History, cluster: Cluster) -> str:
    figures = history.figures()
    return (
        f"{history.clock() - history.began:5.0f} s: {len(history.operations)} operations, "
        f"{figures['ok']} ok, {figures['refused']} refused, {figures['maybe']} open, "
        f"{figures['lost']} answers lost, {cluster.kills} kills"
    )
