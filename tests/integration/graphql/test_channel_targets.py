"""How sales channels stand, over GraphQL."""

from hub.domain.channel_targets import ShopifyTarget
from tests.integration.graphql.conftest import SEED, Served
from tests.integration.shop import execute

ASK = """{ channelTargets {
    name problem items pending pendingSince refused unknownThere drifted reconciled
    problems { sku externalId wanted theirs problem since }
    drift { sku externalId wanted theirs since }
} }"""


async def test_who_looks_after_a_target_sees_how_it_stands(served: Served) -> None:
    assert await served.ask(ASK) == {"channelTargets": []}
    target = ShopifyTarget(
        kind="shopify", channel="web", url="https://shop.example", location="L", token_env="T"
    )
    sync = served.services.channel_sync
    sync.targets = {"shop": target}
    await sync.map_ids(SEED, "shop", {"MUG-S": "gid-1", "MUG-M": "gid-2"})
    await execute(
        served.services.database.url,
        """update channel_target_item set problem = 'UNKNOWN_THERE', problem_since = now(),
                  wanted = 3, changed_at = null, due_at = 'infinity' where sku = 'MUG-M'""",
    )
    try:
        (shop,) = (await served.ask(ASK))["channelTargets"]
    finally:
        sync.targets = {}
    assert (shop["name"], shop["items"], shop["pending"]) == ("shop", 2, 1)
    assert (shop["problem"], shop["refused"], shop["unknownThere"]) == (None, 0, 1)
    (problem,) = shop["problems"]
    assert (problem["sku"], problem["wanted"], problem["problem"]) == (
        "MUG-M",
        3,
        "UNKNOWN_THERE",
    )
    assert shop["drift"] == []
