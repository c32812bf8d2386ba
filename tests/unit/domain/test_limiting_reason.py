"""An answer of no names the first claim without which it would be a yes, and the rule behind it."""

from collections.abc import Mapping

import pytest

from hub.domain.availability import availability_of
from hub.domain.item import Item
from hub.domain.policies import Policy
from hub.domain.position import Position
from tests.unit.builders import NOW, Amount, item, policy, position, rules, units


def limit(
    *positions: Position,
    quantity: Amount = 1,
    of: Item | None = None,
    policies: Mapping[tuple[str, str], Policy] | None = None,
) -> tuple[str | None, str | None]:
    """What limits the answer to a quantity, and by which rule."""
    known = rules(policies)
    answer = availability_of(
        of or item(), positions, known, known.channel("web"), units(quantity), NOW
    )
    return answer.limiting_reason, answer.limiting_rule


def test_a_yes_is_not_limited() -> None:
    assert limit(position(on_hand=3, reserved=1), quantity=2) == (None, None)


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        (("category", "mugs"), "category:mugs"),
        (("location", "BER"), "location:BER"),
        (("channel", "web"), "channel:web"),
        (("global", ""), "global"),
    ],
)
def test_the_rule_that_withholds_is_named(target: tuple[str, str], rule: str) -> None:
    mug = item(category="mugs")
    found = limit(position(on_hand=3), of=mug, quantity=2, policies={target: policy(safety=2)})
    assert found == ("SAFETY_STOCK", rule)


def test_an_items_own_safety_stock_is_named_after_the_item() -> None:
    assert limit(position(on_hand=3), of=item(safety=3)) == ("SAFETY_STOCK", "item:MUG")


def test_of_two_locations_the_one_that_withholds_gives_the_rule() -> None:
    policies = {("location", "HAM"): policy(safety=1), ("global", ""): policy(safety=5)}
    found = limit(position("BER", 0), position("HAM", 1), policies=policies)
    assert found == ("SAFETY_STOCK", "location:HAM")


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (position(on_hand=2, reserved=2), "RESERVED"),
        (position(on_hand=2, allocated=2), "ALLOCATED"),
        (position(on_hand=2, unavailable=2), "UNAVAILABLE"),
        (position(on_hand=0), "ON_HAND"),
        (position(on_hand=-1), "ON_HAND"),
        (position(on_hand=0, incoming=9), "ON_HAND"),
    ],
)
def test_each_claim_is_named_when_it_alone_is_in_the_way(held: Position, reason: str) -> None:
    assert limit(held) == (reason, None)


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [(2, "SAFETY_STOCK"), (3, "RESERVED"), (4, "ALLOCATED"), (5, "UNAVAILABLE"), (6, "ON_HAND")],
)
def test_claims_are_questioned_in_the_order_a_person_would(quantity: Amount, reason: str) -> None:
    held = position(on_hand=5, reserved=1, allocated=1, unavailable=1)
    assert limit(held, quantity=quantity, of=item(safety=1))[0] == reason


def test_a_claim_that_is_too_small_to_matter_is_passed_over() -> None:
    held = position(on_hand=5, reserved=1, allocated=4)
    assert limit(held, quantity=4) == ("ALLOCATED", None)


def test_a_lapsed_hold_limits_nothing() -> None:
    held = position(on_hand=2, reserved=2, lapsed=1, allocated=1)
    assert limit(held, quantity=1) == ("RESERVED", None)
    assert limit(held._replace(lapsed=units(2)), quantity=1) == (None, None)


def test_claims_beyond_the_stock_do_not_hide_that_there_is_too_little() -> None:
    """Lifting them all would bring no more than there is on hand."""
    assert limit(position(on_hand=5, allocated=8), quantity=5) == ("ALLOCATED", None)
    assert limit(position(on_hand=5, allocated=8), quantity=6) == ("ON_HAND", None)
    assert limit(position(on_hand=-3, allocated=2)) == ("ON_HAND", None)
    assert limit(position(on_hand=2, reserved=2, allocated=1), quantity=2)[0] == "ALLOCATED"


def test_what_one_location_lacks_is_not_made_up_by_another() -> None:
    short = position("BER", 1, allocated=4)
    found = limit(short, position("HAM", 2, reserved=2), quantity=2)
    assert found == ("RESERVED", None)
    assert limit(short, position("HAM", 2, reserved=2), quantity=3) == ("ALLOCATED", None)


def test_an_item_that_no_location_of_the_pool_keeps_is_not_stocked() -> None:
    assert limit() == ("NOT_STOCKED", None)
    assert limit(position("CPH", 9)) == ("NOT_STOCKED", None)


def test_a_discontinued_item_is_limited_by_nothing_else() -> None:
    gone = item(discontinued=True, safety=1)
    assert limit(position(on_hand=4), of=gone) == ("DISCONTINUED", "item:MUG")
    assert limit(of=gone) == ("DISCONTINUED", "item:MUG")
