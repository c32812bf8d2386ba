"""Sources over GraphQL: put, seen and removed by those who administer the hub."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.domain.principal import AccessScope
from hub.settings import AccessToken, Settings
from tests.integration.graphql.conftest import Served, serving

SOURCES = "{ sources { name format version updatedAt updatedBy configuration } }"
REFUSAL = """... on SourceChanged { name expected actual } ... on SourceNotFound { name }
    ... on InvalidInput { field }"""
ACME = {
    "name": "acme",
    "format": "csv",
    "options": {"delimiter": ";"},
    "locations": {"names": {"Lager 1": "BER"}},
    "signing": {"kind": "api-key", "secrets": ["ACME_SECRET"]},
}


async def put(served: Served, configuration: Any, **more: Any) -> Any:
    given = {"configuration": configuration, **more}
    success = "source { name version configuration }"
    return await served.mutate("putSource", success, REFUSAL, **given)


async def removed(served: Served, **given: Any) -> Any:
    return await served.mutate("removeSource", "name", REFUSAL, **given)


async def test_a_source_is_put_seen_and_removed(served: Served) -> None:
    first = (await put(served, ACME, ifVersion=0))["source"]
    assert (first["name"], first["configuration"]) == ("acme", ACME)
    (seen,) = (await served.ask(SOURCES))["sources"]
    assert (seen["format"], seen["version"]) == ("csv", first["version"])
    assert (seen["configuration"], seen["updatedBy"]) == (ACME, "local")

    stale = await put(served, ACME, ifVersion=0)
    assert (stale["code"], stale["actual"]) == ("SOURCE_CHANGED", first["version"])
    assert (await removed(served, name="acme", ifVersion=0))["code"] == "SOURCE_CHANGED"
    assert await removed(served, name="acme", ifVersion=first["version"]) == {
        "__typename": "RemoveSourceSuccess",
        "name": "acme",
    }
    gone = await removed(served, name="acme")
    assert (gone["code"], gone["name"]) == ("SOURCE_NOT_FOUND", "acme")
    assert await served.ask(SOURCES) == {"sources": []}


async def test_of_each_source_it_is_told_how_it_does(served: Served) -> None:
    await put(served, {**ACME, "freshness": {"expected_every": "1h", "withhold": "25%"}})
    fields = (
        "state since lastHeardAt lastFailedAt failures problem notBefore circuitOpenedAt lateAt "
        "staleAt withhold locations"
    )
    (seen,) = (await served.ask(f"{{ sources {{ name health {{ {fields} }} }} }}"))["sources"]
    health = seen["health"]
    assert (health["state"], health["withhold"], health["locations"]) == ("WAITING", "25%", ["BER"])
    assert health["since"] < health["lateAt"] < health["staleAt"]
    assert (health["failures"], health["lastHeardAt"], health["problem"]) == (0, None, None)


async def test_under_a_key_a_source_is_put_once(served: Served) -> None:
    first = await put(served, ACME, idempotencyKey="k-1")
    assert await put(served, ACME, idempotencyKey="k-1") == first
    other = await put(served, {**ACME, "options": {}}, idempotencyKey="k-1")
    assert other["code"] == "IDEMPOTENCY_MISMATCH"


@pytest.mark.parametrize(
    ("configuration", "field"),
    [
        ("acme", "configuration"),
        ({**ACME, "format": "csw"}, "format"),
        ({**ACME, "options": {"delimeter": ";"}}, "options.delimeter"),
        ({**ACME, "signing": {"kind": "api-key", "secrets": ["hunter2"]}}, "signing.secrets[0]"),
    ],
)
async def test_what_is_wrong_is_named_by_its_path(
    served: Served, configuration: Any, field: str
) -> None:
    refused = await put(served, configuration)
    assert (refused["code"], refused["field"]) == ("INVALID_INPUT", field)
    assert "hunter2" not in refused["message"]


@pytest.fixture
async def guarded(database_url: str) -> AsyncIterator[Served]:
    """A hub with a clerk who may do much, but not this."""
    scopes = frozenset(AccessScope) - {AccessScope.ADMIN}
    token = hashlib.sha256(b"clerk").hexdigest()
    settings = Settings(
        database_url=database_url,
        access_tokens={token: AccessToken(name="clerk", scopes=scopes)},
    )
    async with serving(settings) as served:
        served.http.headers["authorization"] = "Bearer clerk"
        yield served


async def test_sources_are_for_administrators(guarded: Served) -> None:
    mutations = (
        "mutation ($given: JSON!) { putSource(input: {configuration: $given}) { __typename } }",
        'mutation { removeSource(input: {name: "acme"}) { __typename } }',
    )
    for document in (SOURCES, *mutations):
        refused = await guarded.refused(document, given=ACME)
        assert refused["extensions"]["code"] == "FORBIDDEN", document
