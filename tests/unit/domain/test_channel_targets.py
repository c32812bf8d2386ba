"""What a target may say, and what is pushed to it."""

from typing import Any

import pytest
from pydantic import ValidationError

from hub.domain.availability import Availability, availability_of
from hub.domain.channel_targets import HttpTarget, ShopifyTarget, Target, units_to_push
from hub.domain.item import Item
from hub.settings import Settings
from tests.unit.builders import NOW, item, later, policy, position, rules, units

SHOPIFY = {
    "kind": "shopify",
    "channel": "web",
    "url": "https://shop.example",
    "location": "gid://shopify/Location/1",
    "token_env": "TOKEN",
}
PLAIN = {"kind": "http", "channel": "web", "write": {"url": "https://market.example/stock"}}


def answer(on_hand: float, of: Item | None = None, **rule: Any) -> Availability:
    """The answer of the channel `web` for so many on hand."""
    known = rules({("global", ""): policy(**rule)})
    held = [position(on_hand=on_hand)]
    return availability_of(of or item(), held, known, known.channel("web"), units(1), NOW)


IN_STOCK = Target(channel="web")
BEYOND = Target(channel="web", beyond_stock=True, unlimited_units=77)


@pytest.mark.parametrize(
    ("told", "in_stock", "beyond"),
    [
        (answer(7), 7, 7),
        (answer(7, safety=2), 5, 5),
        (answer(7, backorders=4), 7, 11),
        (answer(7, backorders=1_000_000_000), 7, 77),
        (answer(2.9, of=item(step=0.1)), 2, 2),
        (answer(-3), 0, 0),
        (answer(7, of=item(discontinued=True)), 0, 0),
        (answer(0, of=item(released=later(days=3), preorders=4)), 0, 4),
    ],
)
def test_whole_units_are_pushed_and_of_stock_only_unless_told_otherwise(
    told: Availability, in_stock: int, beyond: int
) -> None:
    assert units_to_push(told, IN_STOCK) == in_stock
    assert units_to_push(told, BEYOND) == beyond


def test_targets_are_read_from_the_settings_by_their_kind() -> None:
    settings = Settings(channel_targets={"shop": SHOPIFY, "market": PLAIN})
    shop, market = settings.channel_targets["shop"], settings.channel_targets["market"]
    assert isinstance(shop, ShopifyTarget)
    assert (shop.batch_items, shop.compare) == (250, True)
    assert isinstance(market, HttpTarget)
    assert not market.write.one_by_one


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({**SHOPIFY, "token": "secret"}, "token"),
        ({**SHOPIFY, "batch_items": 251}, "batch_items must be between 1 and 250"),
        ({**SHOPIFY, "url": "shop.example"}, "must begin with https://"),
        ({**SHOPIFY, "kind": "other"}, "kind"),
        ({**SHOPIFY, "grace_seconds": -1}, "grace_seconds must not be below 0"),
        ({**PLAIN, "requests_per_second": 0}, "requests_per_second"),
        ({**PLAIN, "ids": "matched"}, "needs read.sku"),
        ({**PLAIN, "timeout_seconds": 0}, "timeout_seconds must be above 0"),
    ],
)
def test_what_can_not_be_is_refused_with_its_name(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings(channel_targets={"there": given})
