"""The JSON of feeds says the same as the GraphQL API: no limit is null, and a kit has its parts."""

from hub.bootstrap import Services
from hub.domain.policies import UNLIMITED, Policy
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.services.presentation import availability_json
from tests.integration.shop import BUYER, CLERK, count


async def test_what_has_no_limit_has_no_number(services: Services) -> None:
    catalogue = services.catalogue
    await catalogue.put_policies(CLERK, {("item", "A-1"): Policy(backorder_limit=UNLIMITED)})
    await catalogue.put_items(CLERK, [CatalogueItem("SET", "A set")])
    await catalogue.put_kits(CLERK, {"SET": [Line("A-1", 2 * UNIT), Line("B-1", UNIT)]})
    await count(services, "A-1", 3)
    await count(services, "B-1", 7)
    answers = await services.lookup.availability(BUYER, ["A-1", "B-1", "SET"])
    told = {sku: availability_json(answer, "en") for sku, answer in answers.items()}

    assert told["A-1"]["quantity"] is None
    assert told["A-1"]["components"] == []
    parts = told["A-1"]["breakdown"]
    assert (parts["availableToSell"], parts["beyondStock"], parts["availableToOrder"]) == (
        3,
        None,
        None,
    )
    assert told["B-1"]["quantity"] == 7
    assert told["B-1"]["breakdown"]["beyondStock"] == 0
    assert told["SET"]["quantity"] == 7
    assert told["SET"]["components"] == [
        {"sku": "A-1", "perKit": 2, "availableToOrder": None},
        {"sku": "B-1", "perKit": 1, "availableToOrder": 7},
    ]
