"""What many send at once waits its turn, though that takes longer than a lock is waited for."""

import asyncio

import httpx

from hub.bootstrap import Services
from hub.domain.sources import source_from
from hub.store.source_deliveries import claim_delivery
from hub.store.transactions import Transaction, run_tx
from tests.integration.shop import CLERK

LOCK_SECONDS = 1.0


async def send(client: httpx.AsyncClient) -> httpx.Response:
    body, headers = b"sku;location;on_hand\nA-1;BER;5\n", {"content-type": "text/csv"}
    return await client.post("/ingest/acme", content=body, headers=headers)


async def test_who_waits_for_others_that_send_the_same_is_answered_and_not_turned_away(
    services: Services, client: httpx.AsyncClient
) -> None:
    await services.sources.put(CLERK, source_from({"name": "acme", "format": "csv"}))
    first, held = await send(client), asyncio.Event()
    (kept,) = (await services.source_deliveries.page(CLERK, "acme", None, 2, None)).nodes

    async def hold(tx: Transaction) -> None:
        await claim_delivery(tx, kept.received)
        held.set()
        await asyncio.sleep(1.2 * LOCK_SECONDS)

    holding = asyncio.create_task(run_tx(services.database, hold))
    await held.wait()
    again = await send(client)
    await holding
    assert (again.status_code, again.json()["delivery"]) == (202, first.json()["delivery"])
