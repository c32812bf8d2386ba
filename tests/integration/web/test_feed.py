"""The plain feed, over a real server, as a partner reads it."""

import asyncio
import socket

import httpx
import pytest
from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from tests.integration.serving import feed, served
from tests.integration.shop import CLERK, SKUS, count, opened
from tests.waiting import eventually


async def test_a_feed_shows_the_present_state_and_then_each_newer_one(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 5)
    # A hub that has no earlier change still to tell: such a telling would hold the newest value
    # too, under the earlier change's id.
    async with (
        opened(database_url) as started,
        served(started) as client,
        feed(client, "sku=A-1,B-1") as partner,
    ):
        first, second = await partner.next(), await partner.next()
        assert (first.event, second.event) == ("availability", "availability")
        assert (first.data["kind"], first.data["sku"], first.data["quantity"]) == (
            "SNAPSHOT",
            "A-1",
            5,
        )
        assert first.data["channel"] == "web"
        assert first.data["breakdown"]["onHand"] == 5
        assert second.data["status"] == "OUT_OF_STOCK"
        assert None not in (first.id, second.id)

        await count(started, "A-1", 4)
        third = await partner.next()
        assert (third.data["kind"], third.data["quantity"]) == ("CHANGE", 4)
        assert third.data["version"] > first.data["version"]
        assert third.id not in (None, second.id)


async def test_items_may_be_named_one_by_one_and_the_channel_chosen(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 5, "BER")
    await count(services, "A-1", 3, "AMS")
    async with feed(client, "sku=A-1&sku=A-2&channel=store&locale=de") as partner:
        first = await partner.next()
        assert (first.data["sku"], first.data["quantity"]) == ("A-1", 5)
        assert first.data["channel"] == "store"
        assert "verfügbar" in first.data["message"]["text"]
        assert (await partner.units())[0] == "A-2"


async def test_without_items_the_feed_is_of_all(
    services: Services, client: httpx.AsyncClient
) -> None:
    async with feed(client, "") as partner:
        assert [(await partner.units())[0] for _ in SKUS] == list(SKUS)
        await count(services, "B-2", 7)
        assert await partner.units() == ("B-2", 7)


@pytest.mark.parametrize("how", ["header", "parameter"])
async def test_a_partner_that_comes_back_gets_what_has_changed_since(
    services: Services, client: httpx.AsyncClient, how: str
) -> None:
    async with feed(client, "sku=A-1,B-1") as partner:
        await partner.next()
        last = (await partner.next()).id
    assert last is not None
    await count(services, "B-1", 7)

    headers = {"last-event-id": last} if how == "header" else {}
    query = "sku=A-1,B-1" if how == "header" else f"sku=A-1,B-1&last_event_id={last}"
    async with feed(client, query, **headers) as partner:
        recovered = await partner.next()
        assert recovered.data["kind"] == "RECOVERED"
        assert (recovered.data["sku"], recovered.data["quantity"]) == ("B-1", 7)
        await count(services, "A-1", 1)
        await partner.tells("A-1", 1)


async def test_a_partner_that_missed_nothing_is_told_that_he_is_current(
    client: httpx.AsyncClient,
) -> None:
    async with feed(client, "sku=A-1") as partner:
        last = (await partner.next()).id
    assert last is not None
    async with feed(client, "sku=A-1", **{"last-event-id": last}) as partner:
        current = await partner.next()
        assert (current.event, current.data) == ("current", {})
        assert current.id is not None


async def test_an_id_of_another_log_is_answered_by_a_reset_and_everything(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 5)
    async with feed(client, "sku=A-1", **{"last-event-id": "from-elsewhere"}) as partner:
        assert (await partner.next()).event == "reset"
        everything = await partner.next()
        assert (everything.data["kind"], everything.data["quantity"]) == ("RESET", 5)


async def test_new_rules_are_told_as_well(services: Services, client: httpx.AsyncClient) -> None:
    await count(services, "A-1", 5)
    async with feed(client, "") as partner:
        for _ in SKUS:
            await partner.next()
        await services.catalogue.put_policies(
            CLERK, {("item", "A-1"): Policy(safety_stock=2 * UNIT)}
        )
        assert await partner.units() == ("A-1", 3)


MISTAKES = [
    ("sku=A-1,NONE", 404, "UNKNOWN_SKU"),
    ("sku=A-1&channel=nowhere", 404, "UNKNOWN_CHANNEL"),
    ("sku=" + "X" * 65, 400, "INVALID_INPUT"),
    ("sku=A-1&channel=", 400, "INVALID_INPUT"),
    ("sku=A%00B", 400, "INVALID_INPUT"),
    ("sku=" + ",".join(f"X-{number}" for number in range(251)), 413, "LIMIT_EXCEEDED"),
    ("sku=A-1&last_event_id=" + "1" * 2001, 400, "INVALID_INPUT"),
]


async def test_a_mistake_is_an_http_error_with_its_code(
    services: Services, client: httpx.AsyncClient
) -> None:
    for query, status, code in MISTAKES:
        answer = await client.get(f"/feeds/availability?{query}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not services.feeds.is_read


async def test_the_headers_keep_proxies_from_holding_the_feed_back(
    client: httpx.AsyncClient,
) -> None:
    async with feed(client, "sku=A-1") as partner:
        headers = partner.response.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in headers
        await partner.next()
        assert partner.retry_milliseconds is not None
        assert 1_000 <= partner.retry_milliseconds <= 5_000


async def test_a_quiet_feed_is_kept_alive_by_comments(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.feeds.feed.HEARTBEAT_SECONDS", 0.05)
    async with feed(client, "sku=A-1") as partner:
        await partner.next()
        waiting = asyncio.create_task(partner.next())
        await eventually(lambda: len(partner.comments) > 3)
        waiting.cancel()


async def test_a_partner_that_leaves_leaves_nothing_behind(
    services: Services, client: httpx.AsyncClient
) -> None:
    async with feed(client, "sku=A-1") as partner:
        await partner.next()
        assert services.feeds.is_read
    await eventually(lambda: not services.feeds.is_read)


async def test_head_answers_without_a_stream(services: Services, client: httpx.AsyncClient) -> None:
    answer = await client.head("/feeds/availability?sku=A-1")
    assert (answer.status_code, answer.content) == (200, b"")
    await eventually(lambda: not services.feeds.is_read)


async def test_a_reader_who_takes_nothing_is_let_go_and_nothing_is_wrong(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    items = [CatalogueItem(f"C-{number}", "Much to tell") for number in range(400)]
    await services.catalogue.put_items(CLERK, items)
    with capture_logs() as told, caplog.at_level("WARNING"):
        async with served(services, send_buffer_bytes=4_096, patience_seconds=0.2) as client:
            with socket.socket() as reader:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                reader.connect((client.base_url.host, client.base_url.port))
                reader.sendall(b"GET /feeds/availability HTTP/1.1\r\nHost: hub\r\n\r\n")
                await eventually(lambda: services.feeds.is_read)
                await eventually(lambda: not services.feeds.is_read)
                # Nothing is kept for him, and he is not told that this was all.
                reader.settimeout(5)
                parts: list[bytes] = []

                def read_all() -> None:
                    parts.extend(iter(lambda: reader.recv(65_536), b""))

                with pytest.raises(ConnectionResetError):
                    await asyncio.to_thread(read_all)
                assert b"".join(parts).count(b"event: availability") < len(items)
            assert (await client.get("/livez")).status_code == 200
    assert (told, caplog.records) == ([], [])
