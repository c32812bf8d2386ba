"""What the guides say to send works when it is sent."""

import json
import re
from pathlib import Path
from typing import Any

from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from tests.integration.alerting import followed
from tests.integration.graphql.conftest import SEED, Served

GUIDES = Path(__file__).parents[3] / "docs" / "guides"
GUIDE = GUIDES / "reserve-and-commit.md"
STEP = re.compile(r"```graphql\n(.*?)```(?:\s+```json\n(.*?)```)?", re.DOTALL)


async def test_a_reservation_can_be_led_through_its_life_as_the_guide_says(
    served: Served,
) -> None:
    catalogue = served.services.catalogue
    skus = ("MUG", "POT", "TEA-SET")
    await catalogue.put_items(SEED, [CatalogueItem(sku, sku) for sku in skus])
    await catalogue.put_kits(SEED, {"TEA-SET": [Line("POT", UNIT), Line("MUG", 2 * UNIT)]})
    for sku in ("MUG", "POT"):
        await served.count(sku, 10)
    await served.count("MUG", 10, location="AMS")

    id = None
    told: list[Any] = []
    for document, given in STEP.findall(GUIDE.read_text()):
        if not given:
            told.append(await served.ask(document))
            continue
        asked = json.loads(given) | ({} if id is None else {"id": id})
        (answer,) = (await served.ask(document, input=asked)).values()
        assert answer["__typename"].endswith("Success"), answer
        id = id or answer["reservation"]["id"]
        told.append(answer["__typename"].removesuffix("Success"))

    assert told[:-1] == [
        "Reserve",
        *(
            f"{verb}Reservation"
            for verb in (
                "Change", "Extend", "Commit", "Release", "Transfer", "Fulfil", "Cancel", "Return"
            )
        ),
    ]  # fmt: skip
    # All is shipped, cancelled or given back: nobody claims anything.
    assert told[-1] == {
        "claims": {"edges": []},
        "shortfalls": {"edges": []},
        "supplyLines": [],
    }


async def test_a_product_page_can_be_asked_for_as_the_guide_says(served: Served) -> None:
    ((document, _),) = STEP.findall((GUIDES / "build-a-product-page.md").read_text())
    for sku in ("MUG-S", "MUG-M"):
        await served.count(sku, 0 if sku == "MUG-S" else 9)
    item = (await served.ask(document, sku="MUG-S"))["item"]
    assert item["availability"]["status"] == "OUT_OF_STOCK"
    assert [one["item"]["sku"] for one in item["alternatives"]] == ["MUG-M", "MUG-L"]
    assert item["alternatives"][0]["differsIn"] == ["size"]


async def test_alerts_and_notices_are_asked_for_as_the_guide_says(served: Served) -> None:
    await served.count("MUG-S", 0)
    await followed(served.services)
    guide = (GUIDES / "alerts-and-notices.md").read_text()
    documents = [document for document, _ in STEP.findall(guide)]
    listed, acknowledged, watched, wanted = documents
    edges = (await served.ask(listed))["alerts"]["edges"]
    assert {edge["node"]["condition"] for edge in edges} == {"OUT_OF_STOCK"}
    alert = edges[0]["node"]["id"]
    seen = (await served.ask(acknowledged, input={"id": alert}))["acknowledgeAlert"]
    assert seen["alert"] == {"id": alert, "state": "ACKNOWLEDGED", "acknowledgedBy": "local"}
    notice = await served.ask(wanted, input={"sku": "MUG-S", "reference": "letter-7"})
    assert notice["notifyWhenBack"]["notice"]["state"] == "WAITING"
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("a", watched)
        assert (await socket.data("a"))["alerts"]["kind"] == "SNAPSHOT"


async def test_a_webhook_can_be_made_and_sent_what_it_missed_as_the_guide_says(
    served: Served,
) -> None:
    steps = STEP.findall((GUIDES / "receive-webhooks.md").read_text())
    (create, given), (look, _), (replay, _) = steps
    # The guide's own shop is nowhere.
    asked = json.loads(given) | {"url": "https://8.8.8.8/hooks/stock"}
    made = (await served.ask(create, input=asked))["createWebhook"]
    assert made["__typename"] == "CreateWebhookSuccess"
    seen = await served.ask(look, webhook=made["webhook"]["id"])
    ((one,), failed) = (seen[name]["edges"] for name in ("webhooks", "webhookDeliveries"))
    assert (one["node"]["url"], one["node"]["state"]) == (asked["url"], "ACTIVE")
    assert failed == []
    for what, deliveries in (({"failed": True}, 0), ({"since": "2026-11-20T00:00:00Z"}, None)):
        given = {"id": made["webhook"]["id"], "what": what}
        answer = await served.ask(replay, input=given)
        assert answer["replayWebhook"] == {"deliveries": deliveries}
