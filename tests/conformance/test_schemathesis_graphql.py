"""Schemathesis on the whole GraphQL schema: no answer that nobody foresaw."""

from pathlib import Path

import pytest

from hub.domain.principal import trusted
from tests.conformance.schemathesis_runs import fuzzed_hub, schemathesis
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow


async def test_every_operation_answers_with_what_is_foreseen(
    database_url: str, tmp_path: Path
) -> None:
    async with fuzzed_hub(database_url) as (services, address):
        told = await schemathesis(
            tmp_path,
            str(PROJECT / "schema" / "schema.graphql"),
            *("--url", f"{address}/graphql", "--max-examples", "10"),
            *("--checks", "only_foreseen_errors,ignored_auth"),
            hooks="tests.conformance.schemathesis_hooks",
        )
        assert "✅ Fuzzing" in told, told
        report = await services.audit.run(trusted("test"))
        assert report.as_dict()["clean"], report.as_dict()
