"""The storefront in a real Chromium, against a running hub: what a shopper sees and does.

Each window is a browser context of its own, so two windows are two shoppers.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.slow

SEEN_WITHIN_SECONDS = 1.0
ENOUGH_UNITS = 8


class LiveHub(Protocol):
    """A running, seeded hub."""

    url: str


OpenWindow = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_window(browser: Browser, live_hub: LiveHub) -> AsyncIterator[OpenWindow]:
    """Opens a path of the shop in a window of its own; a script error on the page fails."""
    script_errors: list[str] = []

    async def open_at(path: str = "/", width: int = 1280) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": 800})
        page = await context.new_page()
        page.on("pageerror", lambda error: script_errors.append(str(error)))
        await page.goto(live_hub.url + path)
        return page

    yield open_at
    assert script_errors == []


async def path_of_a_well_stocked_item(listing: Page) -> str:
    """The address of a listed item that has enough units to reserve some of them."""
    in_stock = listing.locator(".card", has=listing.locator("[data-status=IN_STOCK]"))
    await expect(in_stock.first).to_be_visible()
    for card in await in_stock.all():
        if await number_in(card.locator(".badge__amount .live")) >= ENOUGH_UNITS:
            path = await card.get_by_role("link").get_attribute("href")
            assert path is not None
            return path
    pytest.fail(f"No listed item has {ENOUGH_UNITS} units: the hub is not seeded as expected.")


async def number_in(place: Locator) -> int:
    return int((await place.inner_text()).replace(",", ""))


def available_on(page: Page) -> Locator:
    return page.locator(".stock__amount .live")


async def current(page: Page) -> None:
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()


async def reserve(page: Page, units: int) -> None:
    await page.get_by_role("textbox", name="Quantity").fill(str(units))
    await page.get_by_role("button", name="Reserve", exact=True).click()


async def seconds_until_seen(buyer: Page, units: int, place: Locator, text: str) -> float:
    """Seconds from the hub's answer to `buyer` until `place`, in another window, reads `text`."""
    async with buyer.expect_response(
        lambda response: '"operationName":"Reserve"' in (response.request.post_data or "")
    ) as answer:
        await reserve(buyer, units)
    await (await answer.value).finished()
    answered = time.monotonic()
    await expect(place).to_have_text(text)
    return time.monotonic() - answered


async def seconds_left(page: Page) -> int:
    minutes, seconds = (await page.locator(".hold .countdown").inner_text()).split(":")
    return int(minutes) * 60 + int(seconds)


async def test_the_list_shows_items_with_live_badges(open_window: OpenWindow) -> None:
    page = await open_window()
    cards = page.locator(".card[data-sku]")
    await expect(cards).to_have_count(24)
    await current(page)
    for badge in await cards.locator(".badge").all():
        assert await badge.locator("svg").count() == 1
        assert (await badge.inner_text()).strip() != ""

    await page.get_by_role("button", name="Show more").click()
    await expect(cards).to_have_count(48)


async def test_a_search_narrows_the_list_and_can_be_undone(open_window: OpenWindow) -> None:
    page = await open_window()
    cards = page.locator(".card[data-sku]")
    await expect(cards).to_have_count(24)
    name = await cards.nth(5).get_by_role("heading").inner_text()
    search = page.get_by_role("searchbox")
    await search.fill(name)
    await expect(cards.first.get_by_role("heading")).to_have_text(name)
    await expect(cards).not_to_have_count(24)

    await search.fill("nothing is called like this")
    await expect(page.get_by_text("Nothing matches")).to_be_visible()
    await page.get_by_role("button", name="Show all items").click()
    await expect(cards).to_have_count(24)


async def test_documents_go_over_the_wire_by_their_hash(
    browser: Browser, live_hub: LiveHub
) -> None:
    page = await browser.new_page()
    posted: list[str] = []
    sent: list[str] = []
    page.on("request", lambda request: posted.append(request.post_data or ""))
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))),
    )
    await page.goto(live_hub.url)
    async with asyncio.timeout(10):
        while not any("StockLines" in frame for frame in sent):
            await page.wait_for_timeout(20)
    payloads = [json.loads(body) for body in posted if body]
    payloads += [told["payload"] for told in map(json.loads, sent) if told["type"] == "subscribe"]
    assert {one["operationName"] for one in payloads} >= {"Places", "Items", "StockLines"}
    for payload in payloads:
        assert not payload.get("query")
        assert len(payload["extensions"]["persistedQuery"]["sha256Hash"]) == 64


async def test_what_one_window_reserves_the_other_sees_within_a_second(
    open_window: OpenWindow,
) -> None:
    listing = await open_window()
    path = await path_of_a_well_stocked_item(listing)
    buyer, watcher = await open_window(path), await open_window(path)
    await current(listing)
    await current(watcher)
    before = await number_in(available_on(watcher))

    seen_on_the_product_page = await seconds_until_seen(
        buyer, 2, available_on(watcher), f"{before - 2:,}"
    )
    badge = listing.locator(f'.card:has(a[href="{path}"]) .badge__amount .live')
    seen_in_the_list = await seconds_until_seen(buyer, 1, badge, f"{before - 3:,}")

    assert seen_on_the_product_page < SEEN_WITHIN_SECONDS
    assert seen_in_the_list < SEEN_WITHIN_SECONDS


async def test_a_hold_counts_down_and_survives_a_reload(open_window: OpenWindow) -> None:
    page = await open_window(await path_of_a_well_stocked_item(await open_window()))
    await reserve(page, 1)
    await expect(page.locator(".hold .countdown")).to_be_visible()
    at_first = await seconds_left(page)
    await page.wait_for_timeout(2_000)
    later = await seconds_left(page)
    assert at_first - 3 <= later <= at_first - 1

    await page.reload()
    await expect(page.locator(".hold .countdown")).to_be_visible()
    assert await seconds_left(page) <= later

    await page.get_by_role("button", name="Extend").click()
    await expect(page.get_by_text("The hold is extended.")).to_be_attached()
    assert await seconds_left(page) >= later


async def test_a_released_hold_returns_its_units_to_everyone(open_window: OpenWindow) -> None:
    path = await path_of_a_well_stocked_item(await open_window())
    buyer, watcher = await open_window(path), await open_window(path)
    await current(watcher)
    before = await number_in(available_on(watcher))
    await reserve(buyer, 3)
    await expect(available_on(watcher)).to_have_text(f"{before - 3:,}")

    await buyer.get_by_role("button", name="Release").click()

    await expect(available_on(watcher)).to_have_text(f"{before:,}")
    await expect(available_on(buyer)).to_have_text(f"{before:,}")
    await expect(buyer.locator(".hold")).to_have_count(0)


async def test_a_checked_out_hold_becomes_an_order(open_window: OpenWindow) -> None:
    page = await open_window(await path_of_a_well_stocked_item(await open_window()))
    before = await number_in(available_on(page))
    await reserve(page, 1)
    await page.get_by_role("button", name="Check out").click()
    await expect(page.locator(".hold__end")).to_contain_text("Ordered as WEB-")
    await expect(available_on(page)).to_have_text(f"{before - 1:,}")


async def test_asking_for_too_many_is_answered_with_how_many_are_left(
    open_window: OpenWindow,
) -> None:
    page = await open_window(await path_of_a_well_stocked_item(await open_window()))
    await current(page)
    left = await number_in(available_on(page))
    await reserve(page, left + 2)
    await expect(page.locator(".reserve .refusal")).to_have_text(
        f"{left:,} left, you asked for {left + 2:,}."
    )
    await expect(page.locator(".hold")).to_have_count(0)
    await expect(available_on(page)).to_have_text(f"{left:,}")


async def test_a_number_can_be_opened_to_show_its_sum(open_window: OpenWindow) -> None:
    page = await open_window(await path_of_a_well_stocked_item(await open_window()))
    await page.get_by_text("Why this number").click()
    total = page.locator(".why__row--total dd")
    await expect(total).to_have_text(await available_on(page).inner_text())
    to_sell = page.locator(".places tbody td:last-child")
    assert sum([await number_in(cell) for cell in await to_sell.all()]) == await number_in(total)


async def test_a_page_without_connection_says_so_and_catches_up(open_window: OpenWindow) -> None:
    path = await path_of_a_well_stocked_item(await open_window())
    buyer, watcher = await open_window(path), await open_window(path)
    await current(watcher)
    before = await number_in(available_on(watcher))

    await watcher.context.set_offline(True)
    await expect(watcher.locator(".connection")).to_contain_text("Not current since")
    await reserve(buyer, 2)
    await expect(available_on(buyer)).to_have_text(f"{before - 2:,}")
    await expect(available_on(watcher)).to_have_text(f"{before:,}")

    await watcher.context.set_offline(False)
    await expect(available_on(watcher)).to_have_text(f"{before - 2:,}", timeout=15_000)
    await current(watcher)


async def test_nothing_scrolls_sideways_at_320_px(open_window: OpenWindow) -> None:
    async def width_of(page: Page) -> int:
        return int(await page.evaluate("document.documentElement.scrollWidth"))

    listing = await open_window(width=320)
    path = await path_of_a_well_stocked_item(listing)
    assert await width_of(listing) <= 320

    item = await open_window(path, width=320)
    await reserve(item, 1)
    await expect(item.locator(".hold .countdown")).to_be_visible()
    await item.get_by_text("Why this number").click()
    assert await width_of(item) <= 320
    await item.get_by_role("button", name="Cart").click()
    await expect(item.get_by_role("dialog", name="Cart")).to_be_visible()
    assert await width_of(item) <= 320


async def test_graphiql_asks_the_hub_and_nobody_else(
    open_window: OpenWindow, live_hub: LiveHub
) -> None:
    page = await open_window()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    await page.goto(f"{live_hub.url}/graphiql")
    await expect(page.get_by_label("Query Editor")).to_contain_text("query Ask")
    await page.get_by_role("button", name="Execute query").click()
    await expect(page.locator(".result-window")).to_contain_text('"availability"')
    assert asked - {""} == {urlsplit(live_hub.url).netloc}
