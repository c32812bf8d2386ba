"""`channel-sync`, as a person or a script meets it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.e2e.processes import HubProcess, clean_environment, run_command
from tests.integration.channels.faults import serving
from tests.integration.channels.pushing import SECRETS, shopify_target
from tests.integration.channels.shopify_shop import ShopifyShop
from tests.integration.shop import SKUS
from tests.waiting import eventually


@pytest.fixture
async def there() -> AsyncIterator[ShopifyShop]:
    """The shop there, with all items but one."""
    shop = ShopifyShop()
    for sku in SKUS[:-1]:
        shop.put(sku, 3)
    async with serving(shop.server):
        yield shop


def settings_for(shop_url: str, there: ShopifyShop) -> dict[str, str]:
    """The environment of a hub with one target."""
    targets = {"shop": shopify_target(there)}
    return {"DATABASE_URL": shop_url, "HUB_CHANNEL_TARGETS": json.dumps(targets), **SECRETS}


async def run(*arguments: str, folder: Path, settings: dict[str, str]) -> CompletedProcess[str]:
    """A command that ends, while the shop there goes on answering."""
    return await asyncio.to_thread(
        run_command, "channel-sync", *arguments, folder=folder, **settings
    )


def printed(ended: CompletedProcess[str], code: int) -> Any:
    """The JSON that it printed."""
    assert ended.returncode == code, ended.stdout + ended.stderr
    return json.loads(ended.stdout)


def ids_file(folder: Path, there: ShopifyShop, **more: str) -> str:
    """A file of their ids."""
    rows = [f"{sku},{id}" for id, sku in there.skus.items()]
    rows += [f"{sku},{id}" for sku, id in more.items()]
    file = folder / "ids.csv"
    file.write_text("\n".join(["sku,id", *rows]))
    return str(file)


async def test_ids_are_imported_and_all_is_compared_and_pushed(
    shop_url: str, there: ShopifyShop, tmp_path: Path
) -> None:
    settings = settings_for(shop_url, there)
    gone = "gid://shopify/InventoryItem/99"
    file = ids_file(tmp_path, there, **{"B-2": gone, "NO-SUCH": "gid://shopify/InventoryItem/98"})
    imported = await run("import", "shop", file, "--json", folder=tmp_path, settings=settings)
    assert printed(imported, 1) == {"given": 5, "written": 4, "unknownSkus": ["NO-SUCH"]}
    # No hub runs: the command does it itself.
    compared = await run("reconcile", "shop", "--json", folder=tmp_path, settings=settings)
    report = printed(compared, 1)
    assert (report["items"], report["unknownThere"], report["drifted"]) == (4, 1, 0)
    assert (report["reconciled"]["listed"], report["reconciled"]["compared"]) == (3, 3)
    (problem,) = report["problems"]
    assert (problem["sku"], problem["external_id"], problem["problem"]) == (
        "B-2",
        gone,
        "UNKNOWN_THERE",
    )


async def test_a_hub_that_runs_does_the_comparison_and_status_tells_of_it(
    shop_url: str, there: ShopifyShop, tmp_path: Path
) -> None:
    settings = settings_for(shop_url, there)
    await run("import", "shop", ids_file(tmp_path, there), folder=tmp_path, settings=settings)
    worker = HubProcess("work", folder=tmp_path, environment=clean_environment(**settings))
    try:
        await eventually(lambda: set(there.units().values()), lambda has: has == {10}, 30)
        there.set("A-1", 1)
        compared = await run("reconcile", "shop", "--json", folder=tmp_path, settings=settings)
        assert printed(compared, 1)["reconciled"]["drifted"] == 1
        await eventually(lambda: set(there.units().values()), lambda has: has == {10}, 30)

        async def status() -> CompletedProcess[str]:
            return await run("status", "--json", folder=tmp_path, settings=settings)

        (report,) = printed(await eventually(status, lambda ended: ended.returncode == 0, 30), 0)
        assert (report["target"], report["drifted"], report["pending"]) == ("shop", 0, 0)
    finally:
        worker.kill()


async def test_what_is_not_set_is_told_in_a_sentence(
    shop_url: str, there: ShopifyShop, tmp_path: Path
) -> None:
    settings = settings_for(shop_url, there)
    ended = await run("reconcile", "other", folder=tmp_path, settings=settings)
    assert (ended.returncode, ended.stderr.strip()) == (1, "target: must be one of: shop.")
    del settings["SHOP_TOKEN"]
    ended = await run("reconcile", "shop", folder=tmp_path, settings=settings)
    assert ended.returncode == 2
    assert ended.stderr.strip() == (
        "The channel target shop takes its secret from SHOP_TOKEN, which is not set."
    )


async def test_an_id_that_two_items_would_have_is_refused(
    shop_url: str, there: ShopifyShop, tmp_path: Path
) -> None:
    settings = settings_for(shop_url, there)
    (first, *_) = there.skus
    file = ids_file(tmp_path, there, **{"B-2": first})
    ended = await run("import", "shop", file, folder=tmp_path, settings=settings)
    assert ended.returncode == 1
    assert ended.stderr.strip() == f"id: {first} is that of A-1 and of B-2."
