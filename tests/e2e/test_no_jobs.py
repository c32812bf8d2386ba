"""A hub without jobs, and none that does them: time passes all the same."""

from pathlib import Path

import httpx
import pytest

from hub.domain.values import UNIT, Line
from tests.e2e.processes import running_hub
from tests.integration.serving import feed
from tests.integration.shop import BUYER, opened

pytestmark = pytest.mark.slow


async def test_a_hold_that_lapses_is_told_where_nobody_sweeps(
    shop_url: str, tmp_path: Path
) -> None:
    with running_hub("serve", "--no-jobs", folder=tmp_path, DATABASE_URL=shop_url) as hub_process:
        async with (
            opened(shop_url) as services,
            httpx.AsyncClient(base_url=hub_process.url, trust_env=False) as client,
            feed(client, "sku=A-1") as reader,
        ):
            await reader.tells("A-1", 10)
            await services.reservations.reserve(BUYER, [Line("A-1", 3 * UNIT)], ttl_seconds=1)
            await reader.tells("A-1", 7)
            await reader.tells("A-1", 10)
