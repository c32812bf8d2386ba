"""A delivery of a source, found by the id that its sender was told."""

from typing import Any

import httpx

from hub.bootstrap import Services
from hub.domain.sources import source_from
from tests.integration.shop import CLERK

ROWS = "sku;location;on_hand\nA-1;BER;5\nA-9;BER;7\n"
DELIVERY = """query ($id: ID!) {
    delivery(id: $id) { source payload report { accepted findings { line code } } } }"""


async def test_a_delivery_is_found_by_its_id(services: Services, client: httpx.AsyncClient) -> None:
    async def found(id: str) -> Any:
        asked = {"query": DELIVERY, "variables": {"id": id}}
        return (await client.post("/graphql", json=asked)).json()["data"]["delivery"]

    await services.sources.put(CLERK, source_from({"name": "acme", "format": "csv"}))
    headers = {"content-type": "text/csv"}
    sent = await client.post("/ingest/acme", content=ROWS, headers=headers)
    assert await found(sent.json()["delivery"]) == {
        "source": "acme",
        "payload": ROWS,
        "report": {"accepted": 1, "findings": [{"line": 3, "code": "UNKNOWN_SKU"}]},
    }
    assert await found("x") is None
    assert await found("7") is None
