"""The snapshot of a feed as a file of lines, and the feed that goes on from it."""

import asyncio
import gzip
import json
import socket
import tracemalloc
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.services.catalogue import CatalogueItem
from tests.integration.serving import feed, served
from tests.integration.shop import CLERK, SKUS, count
from tests.waiting import eventually

SNAPSHOT = "/feeds/availability.ndjson"


async def snapshot(client: httpx.AsyncClient, query: str = "") -> tuple[str, list[dict[str, Any]]]:
    """The id, and the answers; the file must be whole."""
    answer = await client.get(f"{SNAPSHOT}?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    first, *lines, last = [json.loads(line) for line in answer.text.splitlines()]
    assert first == {"lastEventId": answer.headers["last-event-id"]}
    assert last == {"items": len(lines)}
    return first["lastEventId"], lines


async def test_a_snapshot_has_every_item_once_and_the_feed_goes_on_from_it(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.feeds.snapshot.MAX_ENTRIES", 3)
    await count(services, "A-1", 5)
    id, lines = await snapshot(client, "locale=de")
    assert [line["sku"] for line in lines] == list(SKUS)
    assert (lines[0]["quantity"], lines[0]["channel"]) == (5, "web")
    assert "verfügbar" in lines[0]["message"]["text"]
    assert lines[0]["asOf"].endswith("Z"), "as the feed says it"
    await count(services, "B-1", 3)
    async with feed(client, "", **{"last-event-id": id}) as partner:
        changed = await partner.next()
        assert (changed.data["kind"], changed.data["sku"]) == ("RECOVERED", "B-1")
        await count(services, "A-1", 4)
        assert await partner.units() == ("A-1", 4)


async def test_what_changes_while_a_snapshot_is_written_is_told_by_the_feed(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.feeds.snapshot.MAX_ENTRIES", 1)
    known: dict[str, float] = {}
    writing = True

    async def write() -> None:
        units = 0
        while writing:
            units += 1
            await count(services, SKUS[units % len(SKUS)], units)

    writer = asyncio.create_task(write())
    id, lines = await snapshot(client)
    writing = False
    await writer
    known = {line["sku"]: line["quantity"] for line in lines}
    truth = {sku: line["quantity"] for line in (await snapshot(client))[1] for sku in [line["sku"]]}
    async with feed(client, "", **{"last-event-id": id}) as partner:
        while known != truth:
            sku, units = await partner.units()
            known[sku] = units


async def test_a_snapshot_is_of_what_is_asked_for(client: httpx.AsyncClient) -> None:
    _, lines = await snapshot(client, "category=A&channel=store")
    assert [(line["sku"], line["channel"]) for line in lines] == [
        ("A-1", "store"),
        ("A-2", "store"),
    ]
    _, lines = await snapshot(client, "sku=B-2,B-1")
    assert [line["sku"] for line in lines] == ["B-1", "B-2"]
    for query, status in (("sku=NONE", 404), ("channel=nowhere", 404), ("format=json", 400)):
        assert (await client.get(f"{SNAPSHOT}?{query}")).status_code == status


async def test_a_snapshot_is_packed_for_who_asks_for_that(client: httpx.AsyncClient) -> None:
    for accepted, is_packed in (("gzip", True), ("br;q=1, gzip;q=0.5", True), ("gzip;q=0", False)):
        async with client.stream("GET", SNAPSHOT, headers={"accept-encoding": accepted}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.headers.get("content-encoding") == "gzip") is is_packed
        lines = (gzip.decompress(raw) if is_packed else raw).splitlines()
        assert json.loads(lines[-1]) == {"items": len(lines) - 2}


async def test_head_tells_the_id_alone(client: httpx.AsyncClient) -> None:
    answer = await client.head(SNAPSHOT)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["last-event-id"]


async def test_who_takes_nothing_of_a_snapshot_is_let_go_and_costs_little_meanwhile(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = range(9_000)
    for start in numbers[::1_000]:
        items = [
            CatalogueItem(f"L-{number:04}", "Long") for number in numbers[start : start + 1_000]
        ]
        await services.catalogue.put_items(CLERK, items)
    with capture_logs() as told, caplog.at_level("WARNING"):
        async with served(services, send_buffer_bytes=4_096, patience_seconds=0.3) as client:
            whole = len((await client.get(SNAPSHOT)).content)
            with socket.socket() as reader:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                reader.connect((client.base_url.host, client.base_url.port))
                tracemalloc.start()
                reader.sendall(f"GET {SNAPSHOT} HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
                await eventually(services.feeds._open.total)
                await eventually(lambda: not services.feeds._open.total())
                _, most = tracemalloc.get_traced_memory()
                tracemalloc.stop()
    # There is a piece at a time, and what it is made of.
    assert most < whole / 2
    assert (told, caplog.records) == ([], [])
