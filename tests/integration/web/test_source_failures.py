"""What a source sends that can not be used is a failure of it; what strangers send is not."""

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.sources import source_from
from tests.integration.serving import served
from tests.integration.shop import CLERK
from workers.sources.delivery_replay import replay_deliveries

ACME = {
    "name": "acme",
    "format": "csv",
    "signing": {"kind": "api-key", "secrets": ["ACME_SECRET"]},
}


async def send(client: httpx.AsyncClient, body: bytes, secret: str = "s" * 32) -> int:
    headers = {"content-type": "text/csv", "authorization": f"Bearer {secret}"}
    return (await client.post("/ingest/acme", content=body, headers=headers)).status_code


async def noted(services: Services) -> tuple[int, bool]:
    report = (await services.source_health.of(CLERK))["acme"]
    return report.failures, report.last_heard_at is not None


async def test_what_is_refused_is_a_failure_of_its_source_and_strangers_are_none(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_SECRET", "s" * 32)
    await services.sources.put(CLERK, source_from(ACME))
    async with served(services) as client:
        assert await send(client, b"sku;on_hand\n", "t" * 32) == 401
        assert await noted(services) == (0, False)
        assert await send(client, b"sku;location;on_hand\nnobody;BER;1\n") == 400
        assert await send(client, b"nothing of the kind\n1\n") == 400
        assert await noted(services) == (2, False)
        # Who reads again what came before hears nothing new.
        await replay_deliveries(services, CLERK, "acme", None, services.clock.now())
        assert await noted(services) == (2, False)
        assert await send(client, b"sku;location;on_hand\nA-1;BER;5\nnobody;BER;1\n") == 202
        assert await noted(services) == (0, True)
