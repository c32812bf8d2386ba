"""The storefront in a real Chromium, where the hub refuses what the page asks."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from hub.bootstrap import Services
from hub.settings import FRONTEND
from tests.integration.serving import served
from tests.integration.shop import count, opened, put_shop

pytestmark = pytest.mark.slow

OpenShop = Callable[..., AbstractAsyncContextManager[tuple[Page, Services, str]]]


@pytest.fixture
def open_shop(browser: Browser, database_url: str, tmp_path: Path) -> OpenShop:
    """Opens a page that is of another version than its hub, which has the documents of none."""
    folder = tmp_path / "dist"
    shutil.copytree(FRONTEND, folder)
    (folder / "persisted-documents.json").write_text("{}")

    @asynccontextmanager
    async def open_at(**settings: Any) -> AsyncIterator[tuple[Page, Services, str]]:
        async with opened(database_url, frontend_dir=folder, **settings) as services:
            await put_shop(services)
            await count(services, "A-1", 10)
            async with served(services) as client:
                page = await browser.new_page()
                yield page, services, str(client.base_url)
                await page.close()

    return open_at


async def test_a_page_that_outlasts_an_upgrade_sends_its_documents_as_text(
    open_shop: OpenShop,
) -> None:
    async with open_shop() as (page, services, url):
        await page.goto(f"{url}/items/A-1")
        amount = page.locator(".stock__amount .live")
        await expect(amount).to_have_text("10")
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        # Subscriptions go over the socket, mutations over HTTP.
        await count(services, "A-1", 8)
        await expect(amount).to_have_text("8")
        await page.get_by_role("textbox", name="Quantity").fill("3")
        await page.get_by_role("button", name="Reserve", exact=True).click()
        await expect(amount).to_have_text("5")


async def test_a_page_whose_documents_the_hub_no_longer_trusts_asks_to_be_reloaded(
    open_shop: OpenShop,
) -> None:
    async with open_shop(trusted_documents_only=True) as (page, _, url):
        await page.goto(url)
        note = page.get_by_role("alert").filter(has_text="This page is out of date.")
        await expect(note).to_be_visible()
        await expect(page.locator(".connection")).to_have_text("Out of date")
        async with page.expect_navigation():
            await note.get_by_role("button", name="Reload").click()


async def test_a_list_that_cannot_go_on_says_so_once_and_goes_on_when_asked(
    open_shop: OpenShop,
) -> None:
    asked: list[str] = []
    is_away = True

    async def shorten(route: Route) -> None:
        """Give the first page as one that is not full; whatever comes after it fails."""
        body: Any = route.request.post_data_json
        if body["operationName"] != "Items" or "query" not in body:
            await route.continue_()
        elif "after" in body["variables"]:
            asked.append(body["variables"]["after"])
            error = {"message": "Try again later.", "extensions": {"code": "UNAVAILABLE"}}
            if is_away:
                await route.fulfill(json={"data": None, "errors": [error]})
            else:
                await route.continue_()
        else:
            response = await route.fetch()
            answer = json.loads(await response.text())
            items = answer["data"]["items"]
            items["edges"] = items["edges"][:2]
            items["pageInfo"] |= {"hasNextPage": True, "endCursor": items["edges"][-1]["cursor"]}
            await route.fulfill(response=response, json=answer)

    async with open_shop() as (page, _, url):
        await page.route("**/graphql", shorten)
        await page.goto(url)
        note = page.get_by_role("alert").filter(has_text="Some items are missing here.")
        await expect(note).to_be_visible()
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await expect(page.locator(".card")).to_have_count(2)
        assert len(asked) == 1
        is_away = False
        await note.get_by_role("button", name="Try again").click()
        await expect(page.locator(".card")).to_have_count(4)
        await expect(note).to_have_count(0)
        assert len(asked) == 2
