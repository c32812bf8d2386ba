"""The demo, as somebody sees it who has just started it."""

import httpx

from tests.e2e.processes import HubProcess


def test_the_demo_answers_a_first_query(live_hub: HubProcess) -> None:
    answer = httpx.post(
        f"{live_hub.url}/graphql",
        json={"query": "{ items(first: 3) { edges { node { sku } } totalCount } }"},
        trust_env=False,
    )
    assert answer.status_code == 200
    items = answer.json()["data"]["items"]
    assert len(items["edges"]) == 3
    assert items["totalCount"] >= 100
