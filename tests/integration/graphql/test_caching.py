"""Which answers caches on the way may keep: public reads by GET, for a moment, and nothing else."""

import hashlib
import json
from typing import Any

import pytest
from httpx import Response

from hub.domain.principal import AccessScope
from hub.settings import AccessToken, Settings
from schema.caching import PERSONAL
from tests.integration.graphql.conftest import Served, serving
from tests.unit.resolvers.test_cost import CORE

STOCK = '{ availability(skus: ["MUG-S"]) { sku quantity status message { text } } }'
SCOPED = (
    "query ($scope: ScopeInput, $consistency: Consistency) {"
    ' availability(skus: ["MUG-S"], scope: $scope, consistency: $consistency) { sku quantity } }'
)


async def _get(served: Served, query: str, *, headers: Any = None, **params: Any) -> Response:
    told = {name: json.dumps(value) for name, value in params.items()}
    return await served.http.get("/graphql", params={"query": query, **told}, headers=headers)


async def test_a_public_read_may_be_kept_for_a_second(served: Served) -> None:
    for query, seconds in (
        (STOCK, 1),
        ('{ item(sku: "MUG-S") { name variants { sku availability { quantity } } } }', 1),
        ("{ items(first: 2) { totalCount edges { node { sku } } } }", 1),
        ("{ channels { id locations { id } } locations { name } }", 10),
        ("{ locations { id } ...More } fragment More on Query { channels { id } }", 10),
    ):
        response = await _get(served, query)
        assert response.status_code == 200
        assert "errors" not in response.json(), query
        assert response.headers["cache-control"] == (
            f"public, max-age={seconds}, stale-while-revalidate=5"
        ), query
        assert response.headers["vary"] == "Accept, Authorization"
        assert response.headers["etag"].strip('"')


async def test_an_answer_that_has_not_changed_is_not_sent_again(served: Served) -> None:
    first = await _get(served, STOCK)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await _get(served, STOCK, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    await served.count("MUG-S", 4)
    changed = await _get(served, STOCK, headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert changed.json()["data"]["availability"][0]["quantity"] == 4


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ reservation(id: "r") { id } }', {}),
        ("{ deadLetters { pageInfo { endCursor } } }", {}),
        ('{ claims(sku: "MUG-S") { pageInfo { endCursor } } }', {}),
        ('{ locations { id } supplyLines(sku: "MUG-S") { document } }', {}),
        ("{ __typename }", {}),
        ('{ availability(skus: ["MUG-S"], scope: {holder: "cart"}) { sku } }', {}),
        ('{ availability(skus: ["MUG-S"], consistency: STRONG) { sku } }', {}),
        (
            "query ($h: ID!) { availability(skus: [1], scope: {holder: $h}) { sku } }",
            {"h": "cart"},
        ),
        (SCOPED.replace(", $consistency: Consistency", ""), {"scope": {"holder": "cart"}}),
        ('{ availability(skus: ["NONE"]) { sku } }', {}),
        ("{ nothing }", {}),
        ("{", {}),
    ],
)
async def test_what_is_ones_own_or_wrong_is_kept_by_nobody(
    served: Served, query: str, variables: dict[str, Any]
) -> None:
    query = query.replace(", consistency: $consistency", "")
    response = await _get(served, query, variables=variables)
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


async def test_variables_that_name_nobody_keep_an_answer_public(served: Served) -> None:
    query = SCOPED.replace(", $consistency: Consistency", "").replace(
        ", consistency: $consistency", ""
    )
    for scope in (None, {"channel": "web"}, {"channel": "web", "holder": None}):
        response = await _get(served, query, variables={"scope": scope})
        assert response.headers["cache-control"].startswith("public"), scope


async def test_who_shows_a_token_gets_an_answer_of_his_own(database_url: str) -> None:
    digest = hashlib.sha256(b"token").hexdigest()
    token = AccessToken(name="shop", scopes=frozenset({AccessScope.AVAILABILITY_READ}))
    settings = Settings(database_url=database_url, access_tokens={digest: token})
    async with serving(settings) as served:
        told = await _get(served, STOCK, headers={"authorization": "Bearer token"})
        assert told.json()["data"]
        assert told.headers["cache-control"] == "no-store"
        refused = await _get(served, STOCK)
        assert (refused.status_code, refused.headers["cache-control"]) == (401, "no-store")


async def test_answers_by_post_are_kept_by_nobody(served: Served) -> None:
    for query in (STOCK, "{ locations { id } }", "{", '{ reservation(id: "x") { id } }'):
        response = await served.http.post("/graphql", json={"query": query})
        assert response.headers["cache-control"] == "no-store", query


def test_the_inputs_that_make_an_answer_ones_own_are_called_as_the_list_says() -> None:
    api = CORE
    assert api.query_type is not None
    scope: Any = api.type_map["ScopeInput"]
    names = {*api.query_type.fields["availability"].args, *scope.fields}
    assert names >= PERSONAL


async def test_variables_may_be_nested_as_deep_as_json_goes(served: Served) -> None:
    for nested in ("[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900):
        params = {"query": "{ channels { id } }", "variables": f'{{"x": {nested}}}'}
        response = await served.http.get("/graphql", params=params)
        assert response.status_code == 200
        assert response.json()["data"]["channels"]
        assert response.headers["cache-control"].startswith("public")
