"""Sources that are asked over HTTP: what they answer goes in once, whatever they do."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.polling import PollOutcome
from tests.integration.polling.conftest import ADMIN, Poll, polling
from tests.integration.polling.file_servers import CERTIFICATE, certified, ftp_server
from tests.integration.shop import available, opened, sound
from tests.supplier import (
    Answering,
    Request,
    Supplier,
    bomb,
    by_parameter,
    dripping,
    half,
    led_to,
    said,
    silent,
    status,
    supplying,
    tagged,
)
from workers.formats.reading import Reading
from workers.formats.registry import FORMATS

FIRST = "sku,location,on_hand\nA-1,BER,5\nA-2,BER,7\n"
SECOND = "sku,location,on_hand\nA-1,BER,4\nA-2,BER,7\n"
JSON = {
    "records": "items",
    "fields": {"sku": "sku", "location": "location", "onHand": "on_hand"},
}


def http(supplier: Supplier, path: str = "/stock.csv", **more: Any) -> dict[str, Any]:
    return {"kind": "http", "url": f"{supplier.url}{path}"} | more


async def test_the_same_answer_is_taken_once_and_one_that_comes_back_is_new(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    stock = []
    for body in (FIRST, FIRST, SECOND, FIRST):
        supplier.answers["/stock.csv"] = said(body)
        polled = await poll(http(supplier))
        stock.append((polled.outcome.value, await available(shop, "A-1")))
    assert stock == [("TAKEN", 5), ("UNCHANGED", 5), ("TAKEN", 4), ("TAKEN", 5)]
    assert await sound(shop)


async def test_what_has_not_changed_is_not_sent_again(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    supplier.answers["/stock.csv"] = tagged(FIRST, '"v1"')
    assert (await poll(http(supplier))).outcome is PollOutcome.TAKEN
    assert (await poll(http(supplier))).outcome is PollOutcome.UNCHANGED
    supplier.answers["/stock.csv"] = tagged(SECOND, '"v2"')
    assert (await poll(http(supplier))).outcome is PollOutcome.TAKEN
    assert await available(shop, "A-1") == 4


async def test_rows_that_are_refused_go_in_once_they_can(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    supplier.answers["/stock.csv"] = tagged(FIRST + "NEW,BER,3\n", '"v1"')
    polled = await poll(http(supplier))
    assert (polled.report["accepted"], polled.report["refused"]) == (2, 1)
    assert polled.report["refusedRows"][0]["code"] == "UNKNOWN_SKU"
    polled = await poll(http(supplier), skus={"aliases": {"NEW": "B-1"}})
    assert (polled.report["accepted"], polled.report["duplicates"]) == (1, 2)
    assert await available(shop, "B-1") == 3
    again = await poll(http(supplier), skus={"aliases": {"NEW": "B-1"}})
    assert again.outcome is PollOutcome.UNCHANGED


async def test_whatever_was_sent_can_be_told(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    """The database keeps no NUL, and no half of a character."""
    rows = [_row("A\0", 1), _row("A-1", 2), {"sku": "x", "location": "BER", "on_hand": "\ud800"}]
    supplier.answers["/stock"] = said(json.dumps({"items": rows}))
    polled = await poll(http(supplier, "/stock"), format="json", options=JSON)
    assert (polled.report["accepted"], polled.report["refused"]) == (1, 2), polled
    told = (await shop.source_polls.of_sources(ADMIN, ["acme"]))["acme"]
    assert [row["line"] for row in told.report["refusedRows"]] == [1, 3]


async def test_what_nobody_thought_of_is_told_and_tried_again(
    shop: Services, supplier: Supplier, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> Iterator[Reading]:
        raise ZeroDivisionError
        yield

    supplier.answers["/stock.csv"] = said(FIRST)
    monkeypatch.setitem(FORMATS, "csv", FORMATS["csv"]._replace(read=read))
    polled = await poll(http(supplier))
    assert polled.problem == "an unexpected ZeroDivisionError, which the log tells more of"
    monkeypatch.undo()
    assert (await poll(http(supplier))).outcome is PollOutcome.TAKEN


async def test_pages_are_read_as_one(shop: Services, supplier: Supplier, poll: Poll) -> None:
    for units, pages in enumerate(
        (
            {"next": "json", "at": "next"},
            {"next": "cursor", "at": "cursor", "parameter": "page"},
            {"next": "number", "at": "items", "parameter": "page"},
            {"next": "link"},
        )
    ):
        supplier.answers["/stock"] = paged(units, pages["next"])
        polled = await poll(http(supplier, "/stock", pages=pages), format="json", options=JSON)
        assert polled.report["accepted"] == 3, pages
        assert [await available(shop, sku) for sku in ("A-1", "A-2", "B-1")] == [units, 6, 7]


def paged(units: int, next: str) -> Answering:
    """Three rows on two pages, each of which says in all ways but `Link` where the next one is."""
    first = {"items": [_row("A-1", units)], "next": "/stock?page=2", "cursor": 2}
    bodies: dict[str | None, Any] = {
        ("1" if next == "number" else None): first,
        "2": {"items": [_row("A-2", 6), _row("B-1", 7)]},
        "3": {"items": []},
    }

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        leads_on = next == "link" and not request.parameters
        header = {"link": '</other>; rel="prev", </stock?page=2>; rel="next"'} if leads_on else {}
        await by_parameter("page", bodies, **header)(request, writer)

    return answer


async def test_pages_that_go_round_in_a_circle_end(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    supplier.answers["/stock"] = by_parameter("page", {None: {"next": "/stock"}})
    polled = await poll(http(supplier, "/stock", pages={"next": "json", "at": "next"}))
    assert (polled.outcome, polled.problem) == (
        PollOutcome.FAILED,
        "its pages go round in a circle",
    )


async def test_a_snapshot_of_pages_is_judged_as_a_whole(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    """A page by itself would leave out what is on the others."""
    options = JSON | {"snapshot": True}
    pages = {"next": "cursor", "at": "cursor", "parameter": "page"}
    for first, second in ((5, 6), (4, 6)):
        supplier.answers["/stock"] = by_parameter(
            "page",
            {
                None: {"items": [_row("A-1", first)], "cursor": "x"},
                "x": {"items": [_row("A-2", second)]},
            },
        )
        polled = await poll(
            http(supplier, "/stock", pages=pages), format="json", options=options, missing="zero"
        )
        assert [one["state"] for one in polled.report["snapshots"]] == ["APPLIED"], polled
        assert await available(shop, "A-1") == first
        assert await available(shop, "A-2") == second


async def test_only_what_has_changed_since_is_asked_for(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    bodies: dict[str | None, Any] = {
        None: {"items": [_row("A-1", 5)], "until": 17},
        "17": {"items": [_row("A-1", 4)], "until": 18},
        "18": {"items": [], "until": 18},
    }
    supplier.answers["/stock"] = by_parameter("since", bodies)
    fetch = http(supplier, "/stock", delta={"parameter": "since", "cursor": "until"})
    for units in (5, 4, 4):
        await poll(fetch, format="json", options=JSON)
        assert await available(shop, "A-1") == units
    fetch = http(supplier, "/dated", delta={"parameter": "since"})
    supplier.answers["/dated"] = said('{"items": []}', date="Sun, 06 Nov 1994 08:49:37 GMT")
    await poll(fetch, format="json", options=JSON)
    await poll(fetch, format="json", options=JSON)
    assert supplier.requests[-1].parameters == {"since": "1994-11-06T08:49:37Z"}


async def test_what_changes_while_a_supplier_thinks_is_asked_for_the_next_time(
    supplier: Supplier, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = count(step=30)
    clock = SimpleNamespace(monotonic=lambda: float(next(looks)))
    monkeypatch.setattr("workers.polling.http.time", clock)
    supplier.answers["/slow"] = said('{"items": []}', date="Sun, 06 Nov 1994 08:49:37 GMT")
    for _ in range(2):
        await poll(
            http(supplier, "/slow", delta={"parameter": "since"}), format="json", options=JSON
        )
    assert supplier.requests[-1].parameters == {"since": "1994-11-06T08:49:07Z"}


async def test_what_a_supplier_repeats_in_any_order_counts_once(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    moves = [{"id": f"m{place}", "sku": "A-1", "location": "BER", "by": 1} for place in range(4)]
    options = {
        "event": "stock.adjusted",
        "fields": {"id": "id", "sku": "sku", "location": "location", "delta": "by"},
        "constants": {"reason": "found"},
    }
    for sent, units in (([0, 1, 1], 2), ([2, 1, 0], 3), ([3, 2, 3, 0], 4)):
        supplier.answers["/moves"] = said(json.dumps([moves[place] for place in sent]))
        await poll(http(supplier, "/moves"), format="json", options=options)
        assert await available(shop, "A-1") == units


async def test_graphql_is_asked_page_by_page(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        last = b'"after":"c1"' in request.body
        node = _row("A-2", 6) if last else _row("A-1", 5)
        info = {"hasNextPage": not last, "endCursor": "c1"}
        body = {"data": {"stock": {"nodes": [node], "pageInfo": info}}}
        await by_parameter("none", {None: body})(request, writer)

    supplier.answers["/graphql"] = answer
    fetch = http(
        supplier,
        "/graphql",
        kind="graphql",
        bearer="SOURCE_ACME_TOKEN",
        graphql={"document": "query { stock }", "page_info": "data.stock.pageInfo"},
    )
    options = JSON | {"records": "data.stock.nodes"}
    assert (await poll(fetch, format="json", options=options)).report["accepted"] == 2
    assert supplier.requests[0].headers["authorization"] == "bearer let-me-in"
    supplier.answers["/graphql"] = said('{"errors": [{"message": "no such field"}]}')
    polled = await poll(fetch, format="json", options=options)
    assert polled.problem == "refused the document: no such field"


async def test_whatever_a_server_does_wrong_is_told_and_nothing_is_taken(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    before = await available(shop, "A-1")
    big = {"max_bytes": 1_000_000}
    for answer, more, problem in (
        (status(500, "out of\n  order\0"), {}, "answered 500: out of order\ufffd"),
        (status(404), {}, "answered 404"),
        (half(FIRST), {}, "peer closed connection"),
        (supplier.pour, big, "sent more than 1000000 bytes"),
        (bomb(20_000_000), big, "sent more than 1000000 bytes"),
        (bomb(20_000_000), {}, "more than 200 times as large"),
        (said(b"\x1f\x8b", content_encoding="gzip"), {}, "breaks off"),
        (said(b"x", content_encoding="br"), {}, "sent 'br', which it was not asked for"),
        (silent, {"timeout": "1s"}, "took longer than 1 seconds"),
        (dripping, {"timeout": "1s"}, "took longer than 1 seconds"),
        (led_to("/stock.csv"), {}, "led elsewhere more than 5 times"),
        (led_to("file:///etc/passwd"), {}, "is not HTTP"),
        (led_to("http://somebody@127.0.0.1/"), {}, "which is no address"),
        (led_to("http://10.0.0.1/"), {}, "is in a private network"),
        (led_to("http://[::ffff:169.254.169.254]/"), {}, "is in a private network"),
    ):
        supplier.answers["/stock.csv"] = answer
        # Its circuit stays closed: it is asked again and again.
        polled = await poll(http(supplier, **more), freshness={"open_after": 100})
        assert polled.outcome is PollOutcome.FAILED
        assert problem in (polled.problem or ""), (problem, polled.problem)
    assert supplier.sent_bytes < 1 << 28
    assert await available(shop, "A-1") == before


async def test_a_secret_that_a_server_repeats_is_told_to_nobody(
    supplier: Supplier, poll: Poll
) -> None:
    fetch = http(supplier, parameters={"key": "SOURCE_ACME_PASSWORD"}, bearer="SOURCE_ACME_TOKEN")
    for answer, problem in (
        (status(401, "let-me-in is no token"), "answered 401: … is no token"),
        (led_to("gopher://a/?key=pa+ss"), "led to 'gopher://a/?key=…', which is not HTTP"),
    ):
        supplier.answers["/stock.csv"] = answer
        assert (await poll(fetch)).problem == problem


async def test_a_server_says_when_to_come_again(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    page = {"content_type": "text/html", "retry_after": "7200"}
    supplier.answers["/stock.csv"] = status(429, "<html>", **page)
    polled = await poll(http(supplier))
    assert (polled.problem, polled.retry_after) == ("answered 429", timedelta(hours=2))
    (row,) = await shop.database.fetch(
        "select next_at - clock_timestamp() as wait from source_poll"
    )
    assert row["wait"] > timedelta(minutes=119)


async def test_secrets_go_to_the_server_they_are_for(
    shop: Services, supplier: Supplier, poll: Poll
) -> None:
    async with supplying() as other:
        other.answers["/stock.csv"] = said(FIRST)
        supplier.answers["/stock.csv"] = led_to(f"{other.url}/stock.csv")
        fetch = http(
            supplier,
            headers={"X-Key": "SOURCE_ACME_TOKEN"},
            parameters={"key": "SOURCE_ACME_TOKEN"},
            username="u",
        )
        assert (await poll(fetch)).outcome is PollOutcome.TAKEN
        assert supplier.requests[0].headers["x-key"] == "let-me-in"
        assert supplier.requests[0].parameters == {"key": "let-me-in"}
        assert other.requests[0].parameters == {}
        assert not {"x-key", "authorization"} & other.requests[0].headers.keys()
    polled = await poll(http(supplier, bearer="SOURCE_OTHER"))
    assert polled.outcome is PollOutcome.REFUSED
    assert "names SOURCE_OTHER, which is not set" in (polled.problem or "")


async def test_neighbours_are_not_asked_unless_the_operator_allows_it(
    database_url: str, supplier: Supplier
) -> None:
    async with opened(database_url) as services:
        polled = await polling(services)(http(supplier))
        assert polled.outcome is PollOutcome.FAILED
        assert "is in a private network" in (polled.problem or "")
        assert supplier.requests == []
        for scheme, more in (
            ("sftp", {"host_keys": [f"SHA256:{'A' * 43}"], "password": "SOURCE_ACME_TOKEN"}),
            ("ftp", {}),
        ):
            fetch = {"kind": scheme, "url": f"{scheme}://localhost/", "username": "u"}
            polled = await polling(services)(fetch | more)
            assert "is in a private network" in (polled.problem or "")
        polled = await polling(services)({"kind": "folder", "folder": "any"})
        assert "needs HUB_WATCHED_DIR" in (polled.problem or "")


async def test_over_tls_a_server_must_be_vouched_for_and_leads_nowhere_without(
    shop: Services, supplier: Supplier, poll: Poll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = certified(tmp_path)
    (tmp_path / "watched" / "out").mkdir()
    (tmp_path / "watched" / "out" / "a.csv").write_text(SECOND)
    async with supplying(secure) as trusted, ftp_server(tmp_path / "watched", secure) as files:
        login = {"username": "hub", "password": "SOURCE_ACME_PASSWORD", "settle": "0s"}
        asked = [http(trusted), {"kind": "ftp", "url": files.url, **login}]
        for fetch in asked:
            assert "CERTIFICATE_VERIFY_FAILED" in ((await poll(fetch)).problem or "")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / CERTIFICATE))
        trusted.answers["/stock.csv"] = said(FIRST)
        for fetch in asked:
            assert (await poll(fetch)).report["accepted"] == 2
        trusted.answers["/stock.csv"] = led_to(f"{supplier.url}/stock.csv")
        assert "led from https to" in ((await poll(asked[0])).problem or "")
        assert supplier.requests == []


def _row(sku: str, units: int) -> dict[str, Any]:
    return {"sku": sku, "location": "BER", "on_hand": units}
