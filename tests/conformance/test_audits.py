"""The audits of the `graphql-http` package: the GraphQL over HTTP draft, point by point."""

from hub.settings import Settings
from tests.conformance.programs import told_by
from tests.integration.graphql.conftest import serving


async def test_all_61_audits_of_graphql_over_http_pass(database_url: str) -> None:
    # Some of them send their variables to introspection, which development alone has.
    async with serving(Settings(database_url=database_url, development=True)) as served:
        told = await told_by("audits.mjs", served.url)
    assert len({audit["id"] for audit in told}) == 61
    assert [audit for audit in told if audit["status"] != "ok"] == []
