"""Schemathesis on the OpenAPI document: what it says is what is done, whatever is sent."""

from pathlib import Path

import pytest

from hub.domain.principal import trusted
from tests.conformance.schemathesis_runs import fuzzed_hub, schemathesis

pytestmark = pytest.mark.slow

# A request that the document allows may still be refused: for a step of the item, for a key that
# was used, for an ETag of yesterday. All else that schemathesis can check holds.
NOT_PROMISED = "positive_data_acceptance"


async def test_the_rest_face_does_what_its_document_says(database_url: str, tmp_path: Path) -> None:
    async with fuzzed_hub(database_url) as (services, address):
        told = await schemathesis(
            tmp_path,
            f"{address}/v1/openapi.json",
            *("--max-examples", "5", "--exclude-checks", NOT_PROMISED),
            config="schemathesis.toml",
        )
        assert "Selected: 7/7" in told, told
        assert "Tested: 7" in told, told
        for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
            assert f"✅ {phase}" in told, told
        report = await services.audit.run(trusted("test"))
        assert report.as_dict()["clean"], report.as_dict()
