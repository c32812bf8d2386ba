"""The most specific rule that has a value wins, and rules never add up."""

import pytest

from hub.domain.errors import UnknownChannel
from hub.domain.policies import Channel, Rules
from tests.unit.builders import channel, item, policy, rules, units

LEVELS = [("category", "mugs"), ("location", "BER"), ("channel", "web"), ("global", "")]
NAMES = ["category:mugs", "location:BER", "channel:web", "global"]


def test_without_any_rule_nothing_is_withheld_and_five_are_few() -> None:
    assert rules().safety_stock(item(), "BER", "web") == (0, "default")
    assert rules().low_stock_mark(item(), "web") == (units(5), "default")


@pytest.mark.parametrize("level", range(4))
def test_safety_stock_comes_from_the_most_specific_rule_alone(level: int) -> None:
    policies = {LEVELS[place]: policy(safety=place + 1) for place in range(level, 4)}
    found = rules(policies).safety_stock(item(category="mugs"), "BER", "web")
    assert found == (units(level + 1), NAMES[level])


def test_the_items_own_safety_stock_wins_over_every_other_rule() -> None:
    known = rules({target: policy(safety=9) for target in LEVELS})
    own = item(category="mugs", safety=2)
    assert known.safety_stock(own, "BER", "web") == (units(2), "item:MUG")


def test_a_safety_stock_of_zero_is_a_value_and_wins() -> None:
    known = rules({("location", "BER"): policy(safety=0), ("global", ""): policy(safety=3)})
    assert known.safety_stock(item(), "BER", "web") == (0, "location:BER")
    assert known.safety_stock(item(safety=0), "HAM", "web") == (0, "item:MUG")


def test_a_rule_without_a_value_leaves_the_matter_to_a_less_specific_one() -> None:
    known = rules({("location", "BER"): policy(low=1), ("global", ""): policy(safety=3)})
    assert known.safety_stock(item(), "BER", "web") == (units(3), "global")


@pytest.mark.parametrize(
    "target", [("location", "HAM"), ("channel", "shop"), ("category", "lamps"), ("item", "LAMP")]
)
def test_a_rule_for_something_else_does_not_count(target: tuple[str, str]) -> None:
    known = rules({target: policy(safety=3, low=9)})
    assert known.safety_stock(item(category="mugs"), "BER", "web").value == 0
    assert known.low_stock_mark(item(category="mugs"), "web").rule == "default"


def test_an_item_without_a_category_is_not_ruled_by_one() -> None:
    known = rules({("category", "mugs"): policy(safety=3, low=9)})
    assert known.safety_stock(item(), "BER", "web").rule == "default"
    assert known.low_stock_mark(item(), "web").rule == "default"


@pytest.mark.parametrize(("kept", "rule"), [(0, NAMES[0]), (2, NAMES[2]), (3, NAMES[3])])
def test_the_low_stock_mark_follows_the_same_order(kept: int, rule: str) -> None:
    policies = {LEVELS[place]: policy(low=place + 1) for place in range(kept, 4)}
    known = rules(policies)
    assert known.low_stock_mark(item(category="mugs"), "web") == (units(kept + 1), rule)
    assert known.low_stock_mark(item(low=7), "web") == (units(7), "item:MUG")


def test_the_low_stock_mark_of_a_pool_is_no_matter_of_one_location() -> None:
    known = rules({("location", "BER"): policy(low=50), ("global", ""): policy(low=2)})
    assert known.low_stock_mark(item(), "web") == (units(2), "global")


def test_a_channel_is_found_by_its_id_and_the_default_where_none_is_named() -> None:
    known = rules(channels=[channel("shop", "HAM")])
    assert known.channel("shop") == Channel("shop", "Shop", "en", "EUR", ("HAM",))
    assert known.channel(None).id == "web"


def test_a_channel_nobody_knows_is_named_in_the_refusal() -> None:
    with pytest.raises(UnknownChannel) as refused:
        rules().channel("kiosk")
    assert refused.value.data == {"channel": "kiosk"}
    with pytest.raises(UnknownChannel) as refused:
        rules(default=None).channel(None)
    assert refused.value.data == {"channel": "(default)"}
    with pytest.raises(UnknownChannel):
        Rules({}, {}, {}, None).channel("")
