"""Counts and adjustments over REST: a result for each row."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx

from hub.bootstrap import Services
from hub.domain.values import UNIT, Line
from tests.integration.rest.problems import problem
from tests.integration.shop import CLERK, available, position


def counted(sku: object = "A-1", on_hand: object = 7, **more: object) -> dict[str, Any]:
    return {"count": {"sku": sku, "location": "BER", "onHand": on_hand, **more}}


def adjusted(sku: str = "A-1", delta: object = -1, **more: object) -> dict[str, Any]:
    return {
        "adjustment": {"sku": sku, "location": "BER", "delta": delta, "reason": "shelf", **more}
    }


async def sent(client: httpx.AsyncClient, *rows: Any, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    return await client.post("/v1/stock", json={"rows": rows, **more}, headers=headers)


async def test_each_row_has_its_result(client: httpx.AsyncClient, services: Services) -> None:
    now = datetime.now(UTC)
    await services.catalogue.put_kits(CLERK, {"B-2": [Line("B-1", 2 * UNIT)]})
    answer = await sent(
        client,
        counted(asOf=now.astimezone(timezone(timedelta(hours=1))).isoformat(), unavailable=1),
        adjusted("NO"),
        adjusted("A-2", "-0.5"),
        adjusted("B-2"),
        counted("A-2", 9, ifVersion=7),
        counted("A-2", 9, ifOnHand=4),
        adjusted("A-2", 1),
    )
    assert answer.status_code == 200
    told = answer.json()
    assert told["refused"] == 5
    rows = told["rows"]
    first = rows[0]["position"]
    assert (first["onHand"], first["unavailable"]) == (7, 1)
    assert first["countedAt"] == now.isoformat().replace("+00:00", "Z")
    assert (rows[0]["applied"], rows[0]["note"]) == (True, None)
    assert [row["problem"]["code"] for row in rows[1:6]] == [
        "UNKNOWN_SKU",
        "INVALID_INPUT",
        "IS_KIT",
        "VERSION_CONFLICT",
        "STOCK_CONFLICT",
    ]
    assert rows[1]["problem"]["status"] == 404
    assert rows[3]["problem"]["components"] == ["B-1"]
    assert (rows[4]["problem"]["expected"], rows[4]["problem"]["actual"]) == (7, 1)
    assert rows[5]["problem"]["actualOnHand"] == 5
    assert rows[6]["position"]["onHand"] == 6


async def test_an_old_count_says_that_it_changed_nothing(client: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    await sent(client, counted(asOf=now.isoformat()))
    before = (now - timedelta(hours=1)).isoformat()
    late = (await sent(client, counted(on_hand=1, asOf=before))).json()
    assert (late["refused"], late["rows"][0]["applied"]) == (0, False)
    assert late["rows"][0]["note"].startswith("STALE")
    assert late["rows"][0]["position"]["onHand"] == 7


async def test_all_rows_are_taken_or_none(client: httpx.AsyncClient, services: Services) -> None:
    told = (await sent(client, counted("A-1", 1), counted("NO"), allOrNothing=True)).json()
    assert [row["problem"]["code"] for row in told["rows"]] == ["NOT_APPLIED", "UNKNOWN_SKU"]
    assert (told["refused"], await available(services)) == (2, 5)


async def test_rows_that_are_sent_again_are_not_taken_twice(
    client: httpx.AsyncClient, services: Services
) -> None:
    key = {"Idempotency-Key": '"delivery-7"'}
    first = await sent(client, adjusted(delta=2), headers=key)
    assert (await sent(client, adjusted(delta=2), headers=key)).json() == first.json()
    assert (await position(services)).on_hand == 7 * UNIT
    other = (await sent(client, adjusted(delta=3), headers=key)).json()
    assert other["rows"][0]["problem"]["code"] == "IDEMPOTENCY_MISMATCH"
    assert other["rows"][0]["problem"]["status"] == 422


async def test_a_row_that_cannot_be_read_refuses_all_and_is_named(
    client: httpx.AsyncClient, services: Services
) -> None:
    for row, field in [
        ({}, "rows[1].count"),
        ([], "rows[1]"),
        ({"count": None}, "rows[1].count"),
        ({"count": {}, "adjustment": {}}, "rows[1].adjustment.sku"),
        (counted(on_hand=None), "rows[1].count.onHand"),
        (counted(on_hand="1e30"), "rows[1].count.onHand"),
        (counted(sku=5), "rows[1].count.sku"),
        (counted(asOf="2026-11-21"), "rows[1].count.asOf"),
        (counted(asOf=1763719200), "rows[1].count.asOf"),
        (counted(ifVersion=1.5), "rows[1].count.ifVersion"),
        (counted(unavailable=-1), "rows[1].unavailable"),
        (adjusted(reason=""), "rows[1].adjustment.reason"),
        (adjusted(note="x"), "rows[1].adjustment.note"),
    ]:
        refused = await sent(client, counted("A-1", 1), row)
        assert problem(refused, 422, "INVALID_INPUT")["field"] == field
        assert await available(services) == 5


async def test_of_many_rows_that_cannot_be_read_the_first_is_told(
    client: httpx.AsyncClient,
) -> None:
    refused = await sent(client, *[1] * 5_000)
    assert problem(refused, 422, "INVALID_INPUT")["field"] == "rows[0]"


async def test_names_that_nobody_knows_are_counted_and_not_listed(
    client: httpx.AsyncClient,
) -> None:
    unknown = {f"x{number}": 1 for number in range(50_000)}
    for refused in (await sent(client, counted(**unknown)), await sent(client, **unknown)):
        told = problem(refused, 422, "INVALID_INPUT")
        assert told["field"] == "body"
        assert told["problem"].startswith("has 5000")


async def test_a_key_that_is_called_like_a_kind_of_row_is_only_a_key(
    client: httpx.AsyncClient,
) -> None:
    for row, field in [
        ({**counted(sku=5), "a count": []}, "rows[0].count.sku"),
        ({**counted(), "a count": []}, "rows[0].a count"),
    ]:
        refused = await sent(client, row)
        assert problem(refused, 422, "INVALID_INPUT")["field"] == field


async def test_too_many_rows_are_refused_before_any_is_read(client: httpx.AsyncClient) -> None:
    told = problem(await sent(client, *[1] * 500_000), 413, "LIMIT_EXCEEDED")
    assert told == {"what": "The number of rows", "limit": 5_000, "actual": 500_000}


async def test_there_is_an_end_to_rows(client: httpx.AsyncClient) -> None:
    small = {"count": {"sku": "A-1", "location": "BER", "onHand": 1}}
    refused = await sent(client, *[small] * 5_001)
    told = problem(refused, 413, "LIMIT_EXCEEDED")
    assert told == {"what": "The number of rows", "limit": 5_000, "actual": 5_001}
