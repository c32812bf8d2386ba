"""Each source has one poll that is due, and one job for it, whatever becomes of jobs."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import SnapshotInProgress
from hub.domain.polling import PollOutcome
from hub.domain.sources import source_from
from hub.services.source_health import SourceHealth
from hub.services.source_polls import POLL_JOB
from tests.integration.polling.conftest import ADMIN, SECRETS, polling
from tests.integration.shop import available
from tests.supplier import Supplier, said, status
from tests.waiting import eventually
from workers.background import Background
from workers.ingest import Ingest
from workers.polling.polling import Polling, PollKeeper

BODY = "sku,location,on_hand\nA-1,BER,5\n"
JOBS = "select dedupe_key as key, execute_after > now() + interval '1 m' as later from pgqueuer"


async def put(services: Services, supplier: Supplier, **more: Any) -> None:
    fetch = {"kind": "http", "url": f"{supplier.url}/stock.csv", "every": "15m"} | more
    await services.sources.put(
        ADMIN, source_from({"name": "acme", "format": "csv", "fetch": fetch})
    )


async def turn(services: Services) -> int:
    due = await services.source_polls.due("acme")
    assert due is not None
    return due.turn


async def test_each_source_that_is_asked_has_a_turn_with_a_job(
    shop: Services, supplier: Supplier
) -> None:
    polls = shop.source_polls
    await put(shop, supplier)
    await shop.sources.put(ADMIN, source_from({"name": "tells", "format": "csv"}))
    assert (await polls.keep(), await polls.keep()) == (1, 0)
    first = await turn(shop)
    assert await shop.database.fetch(JOBS) == [{"key": f"poll:acme:{first}", "later": False}]
    # Put anew it is asked at once, and what was due is not any more.
    await put(shop, supplier, every="20m")
    assert await polls.keep() == 1
    assert await turn(shop) > first
    assert await polls.due("acme", first) is None
    await Polling(shop).job(b'["acme", %d]' % first)
    assert supplier.requests == []
    await shop.sources.remove(ADMIN, "acme")
    await polls.keep()
    assert await polls.due("acme") is None


async def test_a_job_that_is_gone_is_put_again_and_one_that_waits_is_not_doubled(
    shop: Services, supplier: Supplier
) -> None:
    polls = shop.source_polls
    await put(shop, supplier)
    await polls.keep()
    await shop.database.fetch("update source_poll set next_at = now() - interval '1 h'")
    assert await polls.keep() == 0
    await shop.database.fetch("update pgqueuer set status = 'failed'")
    assert await polls.keep() == 1
    assert len(await shop.database.fetch(JOBS)) == 2


async def test_jobs_ask_and_put_the_next_one_in_the_queue(
    shop: Services, supplier: Supplier
) -> None:
    supplier.answers["/stock.csv"] = said(BODY)
    stop = asyncio.Event()
    jobs = Background(shop, {POLL_JOB: Polling(shop, environment=SECRETS).job})
    running = [asyncio.create_task(one.run(stop)) for one in (PollKeeper(shop), jobs)]
    try:
        await put(shop, supplier)
        await eventually(
            lambda: shop.database.fetch(JOBS),
            lambda rows: [row["later"] for row in rows] == [True],
            within_seconds=20,
        )
    finally:
        stop.set()
        await asyncio.gather(*running)
    await Ingest(shop).drain()
    assert await available(shop, "A-1") == 5
    told = (await shop.source_polls.of_sources(ADMIN, ["acme"]))["acme"]
    assert (told.outcome, told.report["accepted"]) == (PollOutcome.TAKEN, 1)
    assert told.next_at - (told.last_at or told.next_at) > timedelta(minutes=13)


async def test_two_who_ask_at_the_same_time_take_it_once(
    shop: Services, supplier: Supplier
) -> None:
    supplier.answers["/stock.csv"] = said(BODY)
    await put(shop, supplier)
    await shop.source_polls.keep()
    stored, due = await shop.sources.get(ADMIN, "acme"), await shop.source_polls.due("acme")
    assert due is not None
    asking = Polling(shop)
    both = await asyncio.gather(asking.poll(stored, due), asking.poll(stored, due))
    assert sum(one is None for one in both) == 1
    (found,) = await shop.database.fetch("select count(*) as events from inbox")
    assert found["events"] == 1


class Watched(SourceHealth):
    """Notes what it is told of a source."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.database, services.announce)
        self.told: list[object] = []
        self.wait: datetime | None = None

    async def heard(self, source: str, at: datetime | None = None) -> None:
        self.told.append("heard")

    async def answered(self, source: str) -> None:
        self.told.append("answered")

    async def failed(self, source: str, problem: str, retry_after: timedelta | None = None) -> None:
        self.told.append((problem, retry_after))

    async def not_before(self, source: str) -> datetime | None:
        return self.wait


async def test_health_is_told_and_asked(shop: Services, supplier: Supplier) -> None:
    health = Watched(shop)
    poll = polling(replace(shop, source_health=health), leaves_alone=True)
    fetch = {"kind": "http", "url": f"{supplier.url}/stock.csv"}
    for answer in (said(BODY), said(BODY), status(503, retry_after="7"), said(b"\xff\xfe\x00")):
        supplier.answers["/stock.csv"] = answer
        await poll(fetch)
    heard, again, failed, unread = health.told
    assert (heard, again, failed) == (
        "heard",
        "heard",
        ("answered 503", timedelta(seconds=7)),
    )
    assert unread != "heard"
    health.wait = shop.clock.now() + timedelta(hours=3)
    asked = len(supplier.requests)
    assert (await poll(fetch)).outcome is PollOutcome.PUT_OFF
    assert len(supplier.requests) == asked
    (row,) = await shop.database.fetch(
        "select next_at - clock_timestamp() as wait from source_poll"
    )
    assert row["wait"] > timedelta(hours=2, minutes=50)


async def test_health_is_told_of_files_once_for_each_poll(shop: Services, tmp_path: Path) -> None:
    health = Watched(shop)
    poll = polling(replace(shop, source_health=health))
    folder = tmp_path / "watched" / "out"
    folder.mkdir()
    fetch = {"kind": "folder", "folder": "out", "settle": "0s"}
    await poll(fetch)
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(BODY)
    await poll(fetch)
    (folder / "c.csv").write_bytes(b"\x00\xff nothing to be read")
    unread = await poll(fetch)
    assert (unread.problem or "").startswith("c.csv: ")
    assert health.told == ["answered", "heard", (unread.problem, None)]


async def test_what_another_process_is_taking_in_is_no_failure_of_the_source(
    shop: Services, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def taken(*_: object) -> None:
        raise SnapshotInProgress(source="acme", name="stock")

    health = Watched(shop)
    poll = polling(replace(shop, source_health=health))
    supplier.answers["/stock.csv"] = said(BODY)
    fetch = {"kind": "http", "url": f"{supplier.url}/stock.csv"}
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("workers.polling.poll.take_file", taken)
        assert (await poll(fetch)).outcome is PollOutcome.PUT_OFF
    assert health.told == []
    assert (await poll(fetch)).report["accepted"] == 1
