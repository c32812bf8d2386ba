"""Snapshots that come by HTTP: judged as a whole, taken as one, kept like any other delivery."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.sources import source_from
from hub.domain.values import UNIT
from tests.integration.events import inbox_states
from tests.integration.shop import CLERK, SKUS, position, sound
from workers.sources.delivery_replay import replay_deliveries

ACME = {"name": "acme", "format": "csv", "options": {"snapshot": True}}
HEAD = "sku,location,on_hand\n"


async def put(services: Services, **more: Any) -> None:
    await services.sources.put(CLERK, source_from({**ACME, **more}))


async def send(client: httpx.AsyncClient, units: int, *skus: str, head: str = HEAD) -> Any:
    body = head + "".join(f"{sku},BER,{units}\n" for sku in skus or SKUS)
    answer = await client.post(
        "/ingest/acme", content=body.encode(), headers={"content-type": "text/csv"}
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


async def units(services: Services, *skus: str) -> list[int]:
    return [(await position(services, sku)).on_hand // UNIT for sku in skus or SKUS]


async def test_a_request_of_zeros_waits_for_a_person(
    services: Services, client: httpx.AsyncClient
) -> None:
    await put(services, guard_rails={"from_items": 1})
    told = await send(client, 5)
    assert (told["snapshot"]["state"], told["snapshot"]["applied"]) == ("APPLIED", 4)
    assert (told["accepted"], told["refused"], told["warnings"]) == ([], [], [])
    zeros = await send(client, 0)
    assert zeros["snapshot"]["state"] == "QUARANTINED"
    assert [one["rail"] for one in zeros["snapshot"]["report"]] == [
        "zeroed_share",
        "total_drop_share",
    ]
    assert await units(services) == [5, 5, 5, 5]
    again = await send(client, 0)
    assert (again["delivery"], again["snapshot"]["id"]) == (
        zeros["delivery"],
        zeros["snapshot"]["id"],
    )
    document = "{ deliveries(first: 1) { edges { node { state report { snapshot } } } } }"
    answer = await client.post("/graphql", json={"query": document})
    assert answer.json()["data"]["deliveries"]["edges"][0]["node"] == {
        "state": "ACCEPTED",
        "report": {"snapshot": zeros["snapshot"]["id"]},
    }
    approved = await services.snapshots.approve(CLERK, zeros["snapshot"]["id"])
    await services.snapshots.resume(approved.id)
    assert await units(services) == [0, 0, 0, 0]
    assert await sound(services)


async def test_what_is_refused_is_told_and_replayed_once_the_settings_are_mended(
    services: Services, client: httpx.AsyncClient
) -> None:
    await put(services)
    told = await send(client, 3, "A-1", "X-1")
    assert [(one["code"], one["line"]) for one in told["refused"]] == [("UNKNOWN_SKU", 3)]
    assert (told["snapshot"]["applied"], told["snapshot"]["refused"]) == (1, 1)
    await put(services, skus={"aliases": {"X-1": "A-2"}})
    now, day = services.clock.now(), timedelta(days=1)
    await services.source_health.failed("acme", "its disk is full")
    for _ in range(2):
        report = await replay_deliveries(services, CLERK, "acme", now - day, now + day)
        assert (report.deliveries, report.refused, report.refused_deliveries) == (1, 0, 0)
    assert await units(services, "A-1", "A-2") == [3, 3]
    assert len((await services.snapshots.page(CLERK, None, 10, None)).nodes) == 2
    # Who reads again what came before hears nothing new.
    assert (await services.source_health.of(CLERK))["acme"].failures == 1


async def test_what_is_no_whole_or_too_large_a_one_is_told_so(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(services, counts={"include_orders": "time"})
    told = await client.post(
        "/ingest/acme",
        content=b"sku,location,on_hand,as_of\nA-1,BER,4,2026-11-20T10:00:00Z\n",
        headers={"content-type": "text/csv"},
    )
    assert [one["code"] for one in told.json()["warnings"]] == ["SNAPSHOT_AS_COUNTS"]
    assert "snapshot" not in told.json()
    assert len(await inbox_states(services)) == 1
    monkeypatch.setattr("workers.sources.deliveries.MAX_DELIVERY_EVENTS", 3)
    await put(services)
    body = (HEAD + "".join(f"{sku},BER,1\n" for sku in SKUS)).encode()
    answer = await client.post("/ingest/acme", content=body, headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "LIMIT_EXCEEDED")
    assert await units(services) == [0, 0, 0, 0]
