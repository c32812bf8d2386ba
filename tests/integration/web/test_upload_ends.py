"""How uploads end: told once of their source, and whoever sends the same again has another end."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.domain.sources import source_from
from hub.domain.uploads import Upload, UploadCounts
from hub.services.upload_jobs import UploadOvertaken
from tests.integration.shop import CLERK, SKUS
from tests.waiting import eventually
from workers.background import Background
from workers.ingest import Ingest
from workers.uploads import Uploads

HEAD = b"sku;location;on_hand\n"
GOOD = HEAD + b"A-1;BER;5\nA-2;BER;7\n"
WHOLE = {"name": "whole", "format": "csv", "options": {"snapshot": True}, "missing": "zero"}
UNREADABLE = b"\x00\x01\x02"


@pytest.fixture(autouse=True)
async def sources(services: Services) -> None:
    """Two sources, one of which tells all it has."""
    for plain in ({"name": "acme", "format": "csv"}, WHOLE):
        await services.sources.put(CLERK, source_from(plain))


async def send(client: httpx.AsyncClient, body: bytes, source: str = "acme") -> str:
    """The address of what is sent."""
    headers = {"content-type": "text/csv"}
    answer = await client.post(f"/sources/{source}/uploads", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


def id_of(place: str) -> int:
    return int(place.rpartition("/")[2])


async def take_in(services: Services, client: httpx.AsyncClient, place: str) -> dict[str, Any]:
    """The upload, once this process has taken it in."""
    stop = asyncio.Event()
    ingest = asyncio.create_task(Ingest(services).run(stop))
    await Uploads(services).take_in(str(id_of(place)).encode())
    stop.set()
    await ingest
    told: dict[str, Any] = (await client.get(place)).json()
    return told


async def noted(services: Services, source: str = "acme") -> tuple[int, bool]:
    """How often the source has failed since it was heard, and whether it ever was."""
    report = (await services.source_health.of(CLERK))[source]
    return report.failures, report.last_heard_at is not None


async def test_what_can_not_be_used_is_one_failure_of_its_source_and_what_can_is_heard(
    services: Services, client: httpx.AsyncClient
) -> None:
    refused = await take_in(services, client, await send(client, HEAD + b"X-1;BER;1\nX-2;BER;2\n"))
    assert (refused["state"], refused["refused"]) == ("DONE", 2)
    assert await noted(services) == (1, False)
    failed = await take_in(services, client, await send(client, UNREADABLE))
    assert failed["state"] == "FAILED"
    assert await noted(services) == (2, False)
    good = await take_in(services, client, await send(client, GOOD + b"X-1;BER;1\n"))
    assert (good["accepted"], good["refused"]) == (2, 1)
    assert await noted(services) == (0, True)


async def test_a_snapshot_is_told_of_once_and_one_that_waits_is_not_heard(
    services: Services, client: httpx.AsyncClient
) -> None:
    refused = await take_in(services, client, await send(client, HEAD + b"X-1;BER;1\n", "whole"))
    assert (refused["state"], refused["snapshot"]["refused"]) == ("DONE", 1)
    assert await noted(services, "whole") == (1, False)
    full = HEAD + b"".join(b"%s;BER;5\n" % sku.encode() for sku in SKUS)
    await take_in(services, client, await send(client, full, "whole"))
    assert await noted(services, "whole") == (0, True)
    await services.source_health.failed("whole", "its disk is full")
    await services.sources.put(CLERK, source_from({**WHOLE, "guard_rails": {"from_items": 1}}))
    zeros = await take_in(services, client, await send(client, full.replace(b"5", b"0"), "whole"))
    assert zeros["snapshot"]["state"] == "QUARANTINED"
    assert await noted(services, "whole") == (1, True)


async def test_what_is_sent_again_before_the_job_that_failed_is_gone_is_taken_in(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail, again = services.upload_jobs.fail, 0

    async def fails(upload: Upload, why: HubError | None) -> None:
        nonlocal again
        await fail(upload, why)
        if not again:
            again += 1
            assert id_of(await send(client, UNREADABLE)) == upload.id

    monkeypatch.setattr(services.upload_jobs, "fail", fails)
    place, stop = await send(client, UNREADABLE), asyncio.Event()
    running = asyncio.create_task(Background(services, Uploads(services).handlers).run(stop))

    async def state() -> tuple[int, str]:
        return again, (await client.get(place)).json()["state"]

    await eventually(state, lambda told: told == (1, "FAILED"), within_seconds=20)
    stop.set()
    await running


async def test_an_end_that_comes_late_is_not_that_of_what_was_sent_again(
    services: Services, client: httpx.AsyncClient
) -> None:
    jobs = services.upload_jobs
    id = id_of(await send(client, GOOD))
    late = await jobs.begin(id)
    assert late is not None
    await jobs.fail(late, None)
    place = await send(client, GOOD)
    assert id_of(place) == id
    assert await jobs.begin(id) is not None
    await jobs.finish(late, UploadCounts(), ())
    await jobs.progress(late, 1, 1)
    with pytest.raises(UploadOvertaken):
        await jobs.note_snapshot(late, 1, UploadCounts(), ())
    assert (await client.get(place)).json()["state"] == "RUNNING"
    # Nor is there anything to tell before it ends.
    await services.database.fetch(
        "update upload set callback_state = 'PENDING', callback_url = 'u', callback_secret = 's'"
    )
    assert await jobs.call_back(id, 0) is None
    assert (await take_in(services, client, place))["accepted"] == 2


async def test_a_part_of_a_file_whose_bytes_are_gone_is_not_taken_for_all_of_it(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.uploads.RETRY_SECONDS", 0.01)
    whole, torn = services.upload_jobs.content, [GOOD[:-11]]

    async def content(upload: Upload) -> AsyncIterator[bytes]:
        if torn:
            yield torn.pop()
            return
        async for piece in whole(upload):
            yield piece

    monkeypatch.setattr(services.upload_jobs, "content", content)
    told = await take_in(services, client, await send(client, GOOD, "whole"))
    assert (torn, told["snapshot"]["applied"]) == ([], 2)
    assert len((await services.snapshots.page(CLERK, None, 10, None)).nodes) == 1


async def test_what_is_packed_is_limited_too_though_nothing_is_in_it(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.settings, "max_upload_bytes", 1_000)

    async def nothing() -> AsyncIterator[bytes]:
        # All at once: who is refused while he sends may find the connection closed.
        yield gzip.compress(b"") * 100

    headers = {"content-type": "text/csv", "content-encoding": "gzip"}
    answer = await client.post("/sources/acme/uploads", content=nothing(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "LIMIT_EXCEEDED")


async def test_few_rows_of_a_status_among_many_are_found_however_many_are_looked_at(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [b"X-1;BER;1\n" if n in (0, 4, 6) else b"A-1;BER;%d\n" % n for n in range(7)]
    place = await send(client, HEAD + b"".join(lines))
    await take_in(services, client, place)
    monkeypatch.setattr("hub.store.upload_rows.ROWS_AT_ONCE", 2)
    monkeypatch.setattr("hub.services.uploads._ROWS_AT_ONCE", 2)
    told = (await client.get(f"{place}/rows?status=REFUSED")).text.splitlines()
    assert [json.loads(row)["line"] for row in told] == [2, 6, 8]
    assert (await client.get(f"{place}/rows?status=DEAD")).text == ""
