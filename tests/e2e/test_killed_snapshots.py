"""A snapshot whose process is killed in the middle: what was applied stays, the rest follows."""

import asyncio
from pathlib import Path

import pytest

from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from tests.e2e.processes import HubProcess, clean_environment, run_command
from tests.integration.shop import CLERK, opened, sound
from tests.waiting import eventually

pytestmark = pytest.mark.slow

ITEMS = 30_000
KILLS = 2
_FOUND = """
    select (select count(*) from movement where source_event like 'erp/%') as entries,
           (select sum(on_hand)::bigint from position where sku like 'ITEM-%') as total"""
_PROGRESS = "select coalesce(max(done_line), 0) from stock_snapshot"


async def test_a_killed_import_is_finished_by_the_next_one(shop_url: str, tmp_path: Path) -> None:
    skus = [f"ITEM-{number:05}" for number in range(ITEMS)]
    file = tmp_path / "whole.csv"
    lines = [f"{sku},BER,{1 + place % 90}\n" for place, sku in enumerate(skus)]
    file.write_text("sku,location,on_hand\n" + "".join(lines))
    arguments = ("import", "stock", str(file), "--snapshot", "--source", "erp", "--json")
    async with opened(shop_url) as services:
        for first in range(0, ITEMS, 5_000):
            some = [CatalogueItem(sku, sku) for sku in skus[first : first + 5_000]]
            await services.catalogue.put_items(CLERK, some)

        async def progress() -> int:
            (row,) = await services.database.fetch(_PROGRESS)
            return int(row["coalesce"])

        reached = [0]
        for _ in range(KILLS):
            killed = HubProcess(
                *arguments, folder=tmp_path, environment=clean_environment(DATABASE_URL=shop_url)
            )

            async def went_on() -> bool:
                return await progress() > reached[-1]

            await eventually(went_on, within_seconds=60)
            killed.kill()
            reached.append(await progress())
        ended = await asyncio.to_thread(
            run_command, *arguments, folder=tmp_path, DATABASE_URL=shop_url
        )
        assert ended.returncode == 0, ended.stderr
        assert 0 < reached[1] < reached[2] < ITEMS
        (found,) = await services.database.fetch(_FOUND)
        total = sum(1 + place % 90 for place in range(ITEMS)) * UNIT
        assert found == {"entries": ITEMS, "total": total}
        assert await sound(services)
