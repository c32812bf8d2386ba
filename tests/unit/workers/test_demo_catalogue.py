"""The demo shop: what it sells, and the spread of its opening stock."""

from collections import Counter
from datetime import UTC, datetime

from workers.demo.catalogue import CHANNELS, DISCONTINUED, LOCATIONS, POLICIES, items
from workers.demo.families import COLOURS, FAMILIES
from workers.demo.opening import opening_counts, opening_supply, undeliverable

ICONS = {
    "mug",
    "bowl",
    "lamp",
    "chair",
    "blanket",
    "notebook",
    "backpack",
    "jacket",
    "teapot",
    "plant",
}
NOW = datetime(2031, 5, 1, 12, 30, tzinfo=UTC)


def test_the_shop_has_120_items_in_40_families_of_three() -> None:
    goods = items()
    assert len({item.sku for item in goods}) == len(goods) == 120
    families = Counter(item.family for item in goods)
    assert len(families) == len(FAMILIES) == 40
    assert set(families.values()) == {3}
    assert "MUG-FJORD-MOSS" in {item.sku for item in goods}
    assert items() == goods


def test_every_item_has_what_a_product_page_shows() -> None:
    for item in items():
        assert item.attributes["icon"] in ICONS
        assert item.attributes["colourHex"] == COLOURS[item.attributes["colour"]]
        assert float(item.attributes["price"]) > 0
        assert item.attributes["blurb"].endswith(".")
        assert len(item.sku) <= 64
    assert [item.sku for item in items() if item.discontinued] == [DISCONTINUED]


def test_channels_share_locations_and_rules_name_what_exists() -> None:
    places = {location.id for location in LOCATIONS}
    pools = [set(channel.pool) for channel in CHANNELS]
    assert set.union(*pools) == places
    assert all(one & other for one in pools for other in pools)
    targets: dict[str, set[str | None]] = {
        "global": {""},
        "location": set(places),
        "channel": {channel.id for channel in CHANNELS},
        "category": {item.category for item in items()},
        "item": {item.sku for item in items()},
    }
    assert all(target in targets[kind] for kind, target in POLICIES)


def test_opening_stock_shows_every_kind_of_answer() -> None:
    on_hand: Counter[str] = Counter()
    for count in opening_counts():
        assert 0 <= count.unavailable <= count.on_hand
        on_hand[count.sku] += count.on_hand
    coming = {line.sku for line in opening_supply(NOW)}
    empty = {item.sku for item in items()} - {sku for sku, units in on_hand.items() if units}
    assert len(opening_counts()) == 480
    assert empty & coming
    assert empty - coming == undeliverable()
    assert any(0 < units <= 5_000 for units in on_hand.values())
    assert any(units >= 150_000 for units in on_hand.values())
    assert on_hand[DISCONTINUED] > 0
    assert any(count.unavailable for count in opening_counts())


def test_supply_is_expected_after_now_and_every_document_is_its_own() -> None:
    supply = opening_supply(NOW)
    assert all(line.eta is not None and line.eta > NOW for line in supply)
    assert len({line.document for line in supply}) == len(supply)
