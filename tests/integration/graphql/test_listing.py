"""Lists of items by what they are in stock, as clients ask for them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from hub.domain.errors import Forbidden
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT
from hub.services import listing
from hub.services.catalogue import CatalogueItem
from hub.services.listing import ItemFilter, ItemOrder
from hub.services.stock import Adjustment
from hub.store import item_pages
from tests.integration.graphql.conftest import SEED, Served
from tests.waiting import eventually
from workers.listing import Listing

ITEMS = """
    query ($filter: ItemFilter, $first: Int! = 100, $after: String, $sort: ItemSort) {
      items(filter: $filter, first: $first, after: $after, sort: $sort) {
        totalCount totalCountPrecision
        pageInfo { hasNextPage endCursor }
        edges { node { sku availability { status } } }
      }
    }
"""


async def listed(served: Served) -> None:
    """Bring the listing to where the ledger is."""
    while not (await served.services.listing_projection.step()).idle:
        pass


async def found(served: Served, **wanted: Any) -> list[str]:
    data = await served.ask(ITEMS, filter=wanted)
    skus = [edge["node"]["sku"] for edge in data["items"]["edges"]]
    total = (data["items"]["totalCount"], data["items"]["totalCountPrecision"])
    assert total == (len(skus), "EXACT")
    return skus


async def test_items_are_found_by_their_status_in_a_channel(served: Served) -> None:
    await served.count("MUG-S", 40)
    await served.count("MUG-M", 40, location="AMS")
    await served.count("MUG-L", 0)
    await listed(served)
    kitchen = {"category": "kitchen"}
    assert await found(served, status=["IN_STOCK"]) == ["MUG-M", "MUG-S"]
    assert await found(served, status=["IN_STOCK"], channel="store") == ["MUG-S"]
    assert await found(served, status=["OUT_OF_STOCK"], **kitchen) == ["MUG-L"]
    ended = ["DISCONTINUED", "OUT_OF_STOCK"]
    assert await found(served, status=ended, **kitchen) == ["MUG-L", "OLD"]
    assert await found(served, status=["LIMITED_AVAILABILITY"], text="tea") == ["TEA"]


async def test_items_are_found_by_low_stock_and_by_whether_they_are_still_sold(
    served: Served,
) -> None:
    await served.count("MUG-S", 40)
    await served.count("MUG-L", 0)
    await listed(served)
    assert await found(served, lowStock=True, family="mug") == ["MUG-L", "MUG-M"]
    assert await found(served, lowStock=False) == ["MUG-S", "OLD"]
    assert await found(served, discontinued=True) == ["OLD"]
    assert await found(served, discontinued=False, category="kitchen", text="mug s") == ["MUG-S"]


async def test_operations_find_what_lies_at_a_location(served: Served) -> None:
    await served.count("MUG-M", 3, location="AMS")
    await listed(served)
    assert await found(served, location="AMS") == ["MUG-M"]
    await served.count("MUG-M", 0, location="AMS")
    await served.count("TEA", 1, location="AMS")
    await listed(served)
    assert await found(served, location="AMS") == ["TEA"]
    assert len(await found(served, location="BER")) == 34
    assert await found(served, location="BER", text="mug", status=["OUT_OF_STOCK"]) == []


async def test_operations_find_items_of_a_supplier_that_has_gone_silent(served: Served) -> None:
    (row,) = await served.services.database.fetch("select now() as now")
    before, after = row["now"] - timedelta(hours=1), row["now"] + timedelta(hours=1)
    adjusted = Adjustment("MUG-M", "AMS", 3 * UNIT, reason="found")
    await served.services.stock.adjust_stock(SEED, adjusted)
    await listed(served)
    # Amsterdam has never counted its mugs; nobody knows of old mugs at all.
    assert await found(served, notCountedSince=before.isoformat()) == ["MUG-M"]
    assert await found(served, notCountedSince=before.isoformat(), channel="store") == []
    assert await found(served, notCountedSince=before.isoformat(), location="BER") == []
    assert await found(served, notCountedSince=before.isoformat(), location="AMS") == ["MUG-M"]
    assert len(await found(served, notCountedSince=after.isoformat())) == 34


async def test_where_stock_lies_is_told_only_to_those_who_may_write_it(served: Served) -> None:
    shopper = Principal("shopper", frozenset({AccessScope.AVAILABILITY_READ}))
    (row,) = await served.services.database.fetch("select now() as now")
    open_to_all = ItemFilter(low_stock=True, channel="store")
    for secret in (ItemFilter(location="BER"), ItemFilter(not_counted_since=row["now"])):
        with pytest.raises(Forbidden):
            await page(served, shopper, secret)
        await page(served, SEED, secret)
    await page(served, shopper, open_to_all)


async def page(served: Served, who: Principal, where: ItemFilter) -> None:
    await served.services.listing.page(who, 5, None, where, ItemOrder.NAME, False, True)


async def test_a_filter_that_cannot_be_is_refused(served: Served) -> None:
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"status": ["IN_STOCK"], "channel": "moon"}, {"code": "UNKNOWN_CHANNEL"}),
        ({"channel": "moon"}, {"code": "UNKNOWN_CHANNEL", "channel": "moon"}),
        ({"location": "MOON"}, {"code": "UNKNOWN_LOCATION", "location": "MOON"}),
        ({"status": []}, {"code": "INVALID_INPUT", "field": "filter.status"}),
        ({"text": "a b c d e f g h i"}, {"code": "INVALID_INPUT", "field": "filter.text"}),
        ({"location": ""}, {"code": "INVALID_INPUT", "field": "filter.location"}),
    ]
    for given, told in cases:
        extensions = (await served.refused(ITEMS, filter=given))["extensions"]
        assert told.items() <= extensions.items(), given


async def test_words_are_found_wherever_they_stand_and_by_their_beginning(served: Served) -> None:
    mugs = ["MUG-L", "MUG-M", "MUG-S"]
    assert await found(served, text="mu") == [*mugs, "OLD"]
    assert await found(served, text="ug") == []
    assert await found(served, text="MUG-") == [*mugs, "OLD"]
    assert await found(served, text="s Mug") == ["MUG-S"]
    assert await found(served, text="mug old") == ["OLD"]
    assert await found(served, text="mug tea") == []


async def test_a_text_that_holds_no_word_finds_nothing(served: Served) -> None:
    for text in ("-", "★★", "½", "½ ★"):
        assert await found(served, text=text) == []
        assert await found(served, text=text, category="kitchen") == []
        await page(served, SEED, ItemFilter(text))


async def test_a_page_goes_on_where_the_last_one_ended_whatever_has_come_since(
    served: Served,
) -> None:
    await listed(served)
    wanted = {"status": ["LIMITED_AVAILABILITY"], "text": "thing"}
    first = (await served.ask(ITEMS, filter=wanted, first=5))["items"]
    before = CatalogueItem("MANY-NEW", "Thing 00 and a half", None, "things")
    await served.services.catalogue.put_items(SEED, [before])
    await served.count("MANY-NEW", 5)
    await listed(served)
    after = first["pageInfo"]["endCursor"]
    second = (await served.ask(ITEMS, filter=wanted, first=5, after=after))["items"]
    skus = [edge["node"]["sku"] for edge in (*first["edges"], *second["edges"])]
    assert skus == [f"MANY-{n:02}" for n in range(10)]


async def test_a_page_that_would_take_long_is_short_and_tells_where_to_go_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_pages, "BOUND_WHERE_DEAR", 3)
    monkeypatch.setattr(item_pages, "LAST_BOUND_WHERE_DEAR", 7)
    for sku in ("MANY-13", "MANY-27"):
        await served.count(sku, 40)
    await listed(served)
    pages: list[list[str]] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        wanted = {"location": "BER", "lowStock": False}
        items = (await served.ask(ITEMS, filter=wanted, first=5, after=page["endCursor"]))["items"]
        pages.append([edge["node"]["sku"] for edge in items["edges"]])
        page = items["pageInfo"]
    assert [sku for skus in pages for sku in skus] == ["MANY-13", "MANY-27"]
    assert [] in pages
    assert len(pages) == 6, "35 items by sevens, and that nothing follows"


async def test_a_total_is_counted_up_to_a_limit_and_says_so(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_pages, "MOST_COUNTED", 20)
    items = (await served.ask(ITEMS, first=1))["items"]
    assert (items["totalCount"], items["totalCountPrecision"]) == (20, "AT_LEAST")
    items = (await served.ask(ITEMS, first=1, filter={"category": "kitchen"}))["items"]
    assert (items["totalCount"], items["totalCountPrecision"]) == (4, "EXACT")
    assert await served.ask("{ items(first: 1) { totalCountPrecision } }") == {
        "items": {"totalCountPrecision": "AT_LEAST"}
    }


async def test_a_total_is_kept_until_the_catalogue_changes(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Any] = []
    count_items = item_pages.count_items

    async def counting(*arguments: Any) -> Any:
        counted.append(arguments)
        return await count_items(*arguments)

    monkeypatch.setattr(listing, "count_items", counting)
    for _ in range(3):
        assert len(await found(served, category="food")) == 1
    assert len(counted) == 1
    await served.services.catalogue.put_items(SEED, [CatalogueItem("RICE", "Rice", None, "food")])
    assert len(await found(served, category="food")) == 2
    assert len(counted) == 2


async def test_a_total_that_stock_changes_is_counted_again_soon(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "STOCK_TOTAL_SECONDS", 0.2)
    await listed(served)
    assert await found(served, status=["IN_STOCK"]) == []
    await served.count("TEA", 40)
    await listed(served)

    async def total() -> int:
        data = await served.ask(ITEMS, filter={"status": ["IN_STOCK"]})
        return int(data["items"]["totalCount"])

    assert await eventually(total) == 1


async def test_few_totals_are_kept(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "KEPT", 3)
    for number in range(10):
        assert await found(served, text=f"none{number}", category="food") == []
    kept = served.services.listing
    assert (len(kept._kept_totals._kept), len(kept._kept_words._kept)) == (3, 3)


async def test_the_job_lists_what_clients_write(served: Served) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Listing(served.services).run(stop))
    try:
        await served.count("TEA", 40)

        async def in_stock() -> list[str]:
            data = await served.ask(ITEMS, filter={"status": ["IN_STOCK"]})
            return [edge["node"]["sku"] for edge in data["items"]["edges"]]

        assert await eventually(in_stock) == ["TEA"]
    finally:
        stop.set()
        await running
