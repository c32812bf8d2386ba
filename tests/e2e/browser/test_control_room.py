"""The control room in a real Chromium: what waits for a person is seen, and decided on."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from hub.bootstrap import Services
from hub.domain.principal import AccessScope
from hub.domain.snapshots import CountedRow, SnapshotState, Whole
from hub.domain.sources import source_from
from hub.domain.values import UNIT
from hub.settings import AccessToken
from tests.integration.events import adjusted
from tests.integration.serving import served
from tests.integration.shop import CLERK, SKUS, count, opened, position, put_shop
from workers.ingest import Ingest
from workers.snapshots import SnapshotJobs

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-control-room"
SCOPES = (AccessScope.ADMIN, AccessScope.EVENTS_INGEST, AccessScope.STOCK_WRITE)


class Room(NamedTuple):
    """A page of the control room, and the hub behind it."""

    page: Page
    services: Services
    url: str

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.url}/control{path}")

    async def ask_for(self, words: str) -> Locator:
        """The question that is on the page, by its title."""
        dialog = self.page.get_by_role("dialog", name=words)
        await expect(dialog).to_be_visible()
        return dialog


@pytest.fixture
async def room(browser: Browser, database_url: str) -> AsyncIterator[Room]:
    """The room of a hub with tokens, opened with one; a script error on the page fails."""
    token = AccessToken(name="ops", scopes=frozenset(SCOPES))
    tokens = {hashlib.sha256(TOKEN.encode()).hexdigest(): token}
    async with opened(database_url, access_tokens=tokens) as services:
        await put_shop(services)
        for sku in SKUS:
            await count(services, sku, 10)
        async with served(services) as client:
            page = await browser.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            yield Room(page, services, str(client.base_url))
            await page.close()
            assert errors == []


async def give_token(page: Page) -> None:
    await page.get_by_label("Access token").fill(TOKEN)
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_label("Access token")).to_have_count(0)


async def hold_back(services: Services, name: str, units: int) -> None:
    """A snapshot that counts so many of each item, which is more than is believed."""
    now = datetime.now(UTC) + timedelta(minutes=1)
    rows = [
        CountedRow(line, sku, "BER", units * UNIT, None, now) for line, sku in enumerate(SKUS, 2)
    ]
    taken = await services.snapshots.take(CLERK, Whole("erp", name), rows)
    assert taken.state is SnapshotState.QUARANTINED


async def dead(services: Services, *ids: str) -> None:
    """Events of an item that does not exist."""
    events = [adjusted(5, "A-9", id) for id in ids]
    await services.intake.accept_events(CLERK, "erp", events)
    await Ingest(services).drain()


async def test_a_person_approves_one_snapshot_and_rejects_another(room: Room) -> None:
    await hold_back(room.services, "night.csv", 5_000)
    await hold_back(room.services, "noon.csv", 9_000)
    page = room.page
    await room.open("/quarantine")
    await page.get_by_label("Access token").fill("another")
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_text("only to who shows a valid token")).to_be_visible()
    await give_token(page)
    await expect(page.get_by_role("link", name="Quarantine 2 waiting")).to_be_visible()
    night = page.get_by_role("article", name="night.csv")
    await expect(night.locator(".rails")).to_contain_text("Widest jump of an item: 500 ×")
    row = night.get_by_role("row", name="A-1")
    await expect(row.get_by_role("cell")).to_have_text(["BER", "10", "5,000", "+4,990"])

    await night.get_by_role("button", name="Approve").click()
    asked = await room.ask_for("Approve this snapshot?")
    await asked.get_by_role("button", name="Cancel").click()
    assert (await position(room.services, "A-1")).on_hand == 10 * UNIT
    await night.get_by_role("button", name="Approve").click()
    await asked.get_by_role("button", name="Approve and apply").click()
    await expect(page.get_by_role("status")).to_contain_text("night.csv of erp is approved")
    await SnapshotJobs(room.services).step()
    assert (await position(room.services, "A-1")).on_hand == 5_000 * UNIT

    noon = page.get_by_role("article", name="noon.csv")
    await noon.get_by_role("button", name="Reject").click()
    asked = await room.ask_for("Reject this snapshot?")
    await asked.get_by_label("Why").fill("Counted twice")
    await asked.get_by_role("button", name="Reject").click()
    await expect(page.get_by_text("Nothing is in quarantine.")).to_be_visible()
    rejected = (await room.services.snapshots.page(CLERK, SnapshotState.REJECTED, 5, None)).nodes
    assert [(one.name, one.decided_by, one.reason) for one in rejected] == [
        ("noon.csv", "ops", "Counted twice")
    ]


async def test_dead_letters_are_edited_put_back_and_discarded(room: Room) -> None:
    await dead(room.services, "e-1", "e-2", "e-3")
    page = room.page
    await room.open("/dead-letters")
    await give_token(page)
    letters = page.locator(".rows__one")
    await expect(letters).to_have_count(3)

    letter = letters.filter(has_text="e-1")
    await letter.get_by_role("button", expanded=False).click()
    await expect(letter.locator(".history")).to_contain_text(
        "hub: failed, attempt 1 by UNKNOWN_SKU"
    )
    await letter.get_by_role("button", name="Edit and requeue").click()
    text = letter.get_by_label("Event, as it should have been")
    event: dict[str, Any] = json.loads(await text.input_value())
    await text.fill("{")
    await letter.get_by_role("button", name="Save and requeue").click()
    await expect(letter.get_by_role("alert")).to_contain_text("not JSON")
    event["data"]["sku"] = "A-1"
    await text.fill(json.dumps(event))
    await letter.get_by_role("button", name="Save and requeue").click()
    await expect(page.get_by_role("status")).to_have_text("e-1 is edited, and is worked again.")
    await Ingest(room.services).drain()
    assert (await position(room.services, "A-1")).on_hand == 15 * UNIT
    await expect(letters).to_have_count(2)

    await page.get_by_label("Select all").check()
    await page.get_by_role("button", name="Discard selected").click()
    asked = await room.ask_for("Discard 2 events?")
    await asked.get_by_label("Why").fill("A test of the supplier")
    await asked.get_by_role("button", name="Discard").click()
    await expect(page.get_by_text("No event waits.")).to_be_visible()

    await page.get_by_label("State").select_option("DISCARDED")
    await expect(letters).to_have_count(2)
    await letters.first.get_by_role("button", expanded=False).click()
    await expect(letters.first.locator(".history")).to_contain_text(
        "ops: discarded: A test of the supplier"
    )
    await letters.first.get_by_role("button", name="Requeue", exact=True).click()
    await expect(letters).to_have_count(1)
    await page.get_by_label("State").select_option("APPLIED")
    await expect(letters).to_contain_text(["e-1"])


async def test_a_source_shows_what_it_sent_and_what_became_of_each_row_on_a_phone_too(
    room: Room,
) -> None:
    source = source_from({"name": "acme", "format": "csv", "locations": {"names": {"7": "BER"}}})
    await room.services.sources.put(CLERK, source)
    async with served(room.services) as client:
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "text/csv"}
        rows = "sku;location;on_hand\nA-1;7;5\nA-9;7;3\n"
        assert (await client.post("/ingest/acme", content=rows, headers=headers)).status_code == 202
    await hold_back(room.services, "night.csv", 5_000)
    await dead(room.services, "e-1")
    page = room.page
    await page.set_viewport_size({"width": 320, "height": 700})
    await room.open("")
    await give_token(page)
    erp = page.get_by_role("row", name="erp")
    await expect(erp.get_by_role("link", name="1 in quarantine")).to_be_visible()
    await expect(erp.get_by_role("link", name="1 dead letter")).to_be_visible()
    await expect(page.get_by_role("row", name="acme")).to_contain_text("Fresh")
    await page.get_by_role("link", name="acme").click()
    await expect(page.get_by_label("Configuration")).to_contain_text('names.7 = "BER"')
    await page.get_by_role("button", name="1 refused").click()
    report = page.get_by_role("region", name="Report").get_by_role("row", name="UNKNOWN_SKU")
    await expect(report).to_contain_text("3")

    for path in ("", "/quarantine", "/dead-letters", "/sources/acme"):
        await room.open(path)
        await expect(page.locator(".skeleton")).to_have_count(0)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path
