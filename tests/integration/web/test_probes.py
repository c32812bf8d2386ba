"""What the machinery around the hub asks, in good times and in bad ones."""

from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.errors import every_error
from hub.web.errors import HTTP_STATUS
from tests.integration.outages import mortal_postgres
from tests.integration.serving import served
from tests.integration.shop import count, opened, put_shop
from tests.waiting import eventually


async def test_a_hub_that_is_well_says_so(client: httpx.AsyncClient) -> None:
    alive, ready = await client.get("/livez"), await client.get("/readyz")
    assert (alive.status_code, alive.text) == (200, "ok")
    assert (ready.status_code, ready.json()) == (200, {"ready": True})


async def test_metrics_count_what_happens(services: Services, client: httpx.AsyncClient) -> None:
    async def figure(name: str) -> float:
        text = (await client.get("/metrics")).text
        (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
        return float(line.split()[-1])

    before = await figure("hub_commands_total")
    await count(services, "A-1", 5)
    assert await figure("hub_commands_total") == before + 1
    await eventually(lambda: figure("hub_changes_read_total"))


async def test_a_hub_without_its_database_is_alive_and_not_ready(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(mortal_postgres(tmp_path, durable=False))
        services = await stack.enter_async_context(opened(postgres.url))
        await put_shop(services)
        async with served(services) as client:
            await postgres.stop()
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["error"]["code"]) == (503, "UNAVAILABLE")
            assert ready.headers["retry-after"] == "1"
            assert (await client.get("/livez")).status_code == 200
            fed = await client.get("/feeds/availability?sku=A-1")
            assert fed.status_code == 503
            told = {
                "specversion": "1.0",
                "id": "1",
                "type": "stock.set",
                "data": {"sku": "A-1", "location": "BER", "onHand": 5},
            }
            assert (await client.post("/ingest/till", json=told)).status_code == 503

            await postgres.start()

            async def is_ready() -> bool:
                return (await client.get("/readyz")).status_code == 200

            await eventually(is_ready)
            assert (await client.post("/ingest/till", json=told)).status_code == 202


def test_every_error_of_the_hub_has_its_http_status() -> None:
    assert set(HTTP_STATUS) == set(every_error())
    assert all(400 <= status < 600 for status in HTTP_STATUS.values())


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in every_error()]
    assert len(set(codes)) == len(codes)


async def test_a_defect_shows_nothing_of_itself(
    client: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr(services.intake, "accept", broken)
    answer = await client.post("/ingest/till", json={})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL"
    assert "1234" not in answer.text


@pytest.mark.parametrize("path", ["/ingest/till", "/feeds/nothing", "/nowhere"])
async def test_what_is_no_page_is_not_answered_with_one(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code in (404, 405)
