"""Background jobs are done once they are committed, tried again, and taken over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pgqueuer.queries import Queries
from prometheus_client import REGISTRY

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.store.job_queue import enqueue, forget_failed_jobs, forget_jobs
from hub.store.transactions import Transaction, run_tx
from tests.integration.outages import mortal_postgres
from tests.integration.shop import opened
from tests.waiting import eventually
from workers import background
from workers.background import Background, Handler

WAITING = "select dedupe_key, status::text from pgqueuer order by id"


@asynccontextmanager
async def working(services: Services, **handlers: Handler) -> AsyncIterator[None]:
    """A process that works off jobs."""
    stop = asyncio.Event()
    running = asyncio.create_task(Background(services, handlers).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def test_a_job_is_there_with_what_asked_for_it(empty: Services) -> None:
    done: list[bytes] = []

    async def note(payload: bytes) -> None:
        done.append(payload)

    async def put(transaction: Transaction) -> None:
        assert await enqueue(transaction, "note", b"committed", key="one")
        assert not await enqueue(transaction, "note", b"again", key="one")

    async def fail(transaction: Transaction) -> None:
        await enqueue(transaction, "note", b"rolled back")
        raise LookupError

    async with working(empty, note=note):
        with contextlib.suppress(LookupError):
            await run_tx(empty.database, fail)
        await run_tx(empty.database, put)
        await eventually(lambda: done)
        assert await enqueue(empty.database, "note", b"later", after=timedelta(hours=1))
        await eventually(lambda: empty.database.fetch(WAITING), lambda rows: len(rows) == 1)
    assert done == [b"committed"]


async def test_what_fails_is_tried_again(empty: Services) -> None:
    tries: list[bytes] = []

    async def fail_once(payload: bytes) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise LookupError("the first time")

    async with working(empty, once=fail_once):
        await enqueue(empty.database, "once", b"x")
        await eventually(lambda: len(tries) == 2, within_seconds=10)
        await eventually(lambda: empty.database.fetch(WAITING), lambda rows: not rows)


async def test_what_a_process_leaves_the_next_one_does(empty: Services) -> None:
    begun: list[str] = []
    done = asyncio.Event()

    async def never_ends(_payload: bytes) -> None:
        begun.append("first")
        await asyncio.Event().wait()

    async def ends(_payload: bytes) -> None:
        begun.append("second")
        done.set()

    await enqueue(empty.database, "long", key="long")
    async with working(empty, long=never_ends):
        await eventually(lambda: begun)
    assert await empty.database.fetch(WAITING) == [{"dedupe_key": "long", "status": "queued"}]
    async with working(empty, long=ends):
        await asyncio.wait_for(done.wait(), 5)
    assert begun == ["first", "second"]


async def test_a_job_that_fails_for_good_is_held_and_counted(
    empty: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_payload: bytes) -> None:
        raise LookupError

    monkeypatch.setattr(background, "TRIES_AGAIN", 0)
    monkeypatch.setattr(background, "COUNT_SECONDS", 0.05)
    async with working(empty, fails=fail):
        await enqueue(empty.database, "fails")
        await eventually(lambda: REGISTRY.get_sample_value("hub_failed_jobs", {"kind": "fails"}))
    (job,) = await empty.database.fetch(WAITING)
    assert job["status"] == "failed"
    await forget_failed_jobs(empty.database, "fails", timedelta(minutes=1))
    await forget_failed_jobs(empty.database, "others", timedelta())
    assert len(await empty.database.fetch(WAITING)) == 1
    await forget_failed_jobs(empty.database, "fails", timedelta())
    assert not await empty.database.fetch(WAITING)


async def test_a_job_that_could_not_be_put_back_is_another_ones(
    empty: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    async def fail(_payload: bytes) -> None:
        raise LookupError

    async def away(*_: object) -> None:
        tried.set()
        raise ConnectionResetError

    monkeypatch.setattr(Queries, "retry_job", away)
    async with working(empty, fails=fail):
        await enqueue(empty.database, "fails")
        await asyncio.wait_for(tried.wait(), 5)
    (job,) = await empty.database.fetch(WAITING)
    assert job["status"] == "picked"


async def test_what_became_of_jobs_is_forgotten_after_a_while(empty: Services) -> None:
    for table, number in (("pgqueuer_log", "job_id"), ("pgqueuer_statistics", "count")):
        await empty.database.fetch(
            f"insert into {table} (created, status, priority, entrypoint, {number})"
            " select now() - age, 'successful', 0, 'poll', 1"
            " from unnest(array['6 d', '8 d']::interval[]) as age"
        )
    assert await forget_jobs(empty.database, timedelta(days=7)) == 2
    assert await forget_jobs(empty.database, timedelta(days=7)) == 0


@pytest.mark.parametrize("crash", [False, True])
async def test_the_database_may_go_and_come_back(tmp_path: Path, crash: bool) -> None:
    done: list[bytes] = []

    async def note(payload: bytes) -> None:
        done.append(payload)

    async with (
        mortal_postgres(tmp_path / "data", durable=crash) as postgres,
        opened(postgres.url) as services,
        working(services, note=note),
    ):
        await enqueue(services.database, "note", b"before")
        await eventually(lambda: done)
        await (postgres.crash() if crash else postgres.stop())
        await postgres.start()
        await eventually(lambda: put_again(services), within_seconds=10)
        await eventually(lambda: b"after" in done, within_seconds=20)


async def put_again(services: Services) -> bool:
    """Enqueue a job, if the database is there."""
    try:
        return await enqueue(services.database, "note", b"after")
    except Unavailable:
        return False
