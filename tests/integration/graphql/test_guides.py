"""What the guides say to send works when it is sent."""

import json
import re
from pathlib import Path
from typing import Any

from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
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
