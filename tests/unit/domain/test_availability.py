"""The formula: available to sell is, over the pool, what is free beyond the safety stock."""

from collections.abc import Mapping

import pytest

from hub.domain.availability import Availability, LocationBreakdown, availability_of
from hub.domain.item import Item
from hub.domain.policies import Policy
from hub.domain.position import Position
from hub.domain.sellable import sellable
from tests.unit.builders import NOW, Amount, channel, item, later, policy, position, rules, units


def ask(
    *positions: Position,
    quantity: Amount = 1,
    of: Item | None = None,
    policies: Mapping[tuple[str, str], Policy] | None = None,
) -> Availability:
    """The answer of the channel `web`, which sells from BER and HAM."""
    known = rules(policies)
    return availability_of(
        of or item(), positions, known, known.channel("web"), units(quantity), NOW
    )


@pytest.mark.parametrize(
    ("held", "left"),
    [
        (position(on_hand=10), 10),
        (position(on_hand=10, unavailable=3), 7),
        (position(on_hand=10, allocated=3), 7),
        (position(on_hand=10, reserved=3), 7),
        (position(on_hand=10, reserved=3, lapsed=2), 9),
        (position(on_hand=10, incoming=5), 10),
        (position(on_hand=10, unavailable=1, allocated=2, reserved=3), 4),
        (position(on_hand=10, reserved=3, own=3), 10),
        (position(on_hand=10, reserved=5, lapsed=2, own=1), 8),
        (position(on_hand=10, backordered=3), 7),
        (position(on_hand=2.5), 2),
        (position(on_hand=3, allocated=3), 0),
        (position(on_hand=3, allocated=4), 0),
        (position(on_hand=-2), 0),
    ],
)
def test_each_claim_lowers_what_can_be_sold_and_nothing_else_does(
    held: Position, left: Amount
) -> None:
    assert ask(held).quantity == units(left)


@pytest.mark.parametrize(("safety", "left"), [(0, 4), (1, 3), (4, 0), (5, 0)])
def test_the_safety_stock_is_withheld_and_never_makes_a_number_negative(
    safety: Amount, left: Amount
) -> None:
    assert sellable(units(4), 0, units(safety)) == units(left)
    assert ask(position(on_hand=4), of=item(safety=safety)).quantity == units(left)


def test_every_location_withholds_its_own_safety_stock() -> None:
    answer = ask(
        position("BER", 5),
        position("HAM", 5),
        policies={("location", "HAM"): policy(safety=2), ("global", ""): policy(safety=1)},
    )
    assert answer.quantity == units(4 + 3)
    assert answer.breakdown.safety_stock == units(1 + 2)
    assert [(one.safety_stock, one.safety_stock_rule) for one in answer.breakdown.locations] == [
        (units(1), "global"),
        (units(2), "location:HAM"),
    ]


def test_what_one_location_lacks_does_not_lower_what_another_can_sell() -> None:
    answer = ask(position("BER", 2, allocated=5), position("HAM", 4))
    assert answer.quantity == units(4)
    assert answer.breakdown.shortfall == units(3)


def test_only_the_locations_of_the_pool_count_and_in_its_order() -> None:
    answer = ask(position("CPH", 100), position("HAM", 2), position("BER", 1))
    assert answer.quantity == units(3)
    assert [one.location for one in answer.breakdown.locations] == ["BER", "HAM"]


def test_two_channels_answer_from_their_own_pools_and_rules() -> None:
    known = rules({("channel", "shop"): policy(safety=1)}, [channel("shop", "HAM")])
    held = [position("BER", 5), position("HAM", 2)]
    web, shop = (
        availability_of(item(), held, known, known.channel(name), units(1), NOW)
        for name in ("web", "shop")
    )
    assert (web.channel, web.quantity) == ("web", units(7))
    assert (shop.channel, shop.quantity) == ("shop", units(1))


def test_the_breakdown_explains_the_number() -> None:
    held = position(
        "BER",
        20,
        unavailable=1,
        allocated=2,
        reserved=5,
        lapsed=1,
        own=1,
        backordered=2,
        incoming=6,
        version=8,
    )
    answer = ask(held, position("HAM", -1, version=3), of=item(safety=5))
    ber, ham = answer.breakdown.locations
    assert ber == LocationBreakdown(
        location="BER",
        on_hand=units(20),
        unavailable=units(1),
        allocated=units(2),
        reserved=units(3),
        backordered=units(2),
        safety_stock=units(5),
        safety_stock_rule="item:MUG",
        available_to_sell=units(20 - 1 - 2 - 3 - 2 - 5),
        incoming=units(6),
        shortfall=0,
    )
    assert (ham.on_hand, ham.available_to_sell, ham.shortfall) == (units(-1), 0, units(1))
    for part in ("on_hand", "unavailable", "allocated", "reserved", "backordered", "incoming"):
        assert getattr(answer.breakdown, part) == getattr(ber, part) + getattr(ham, part), part
    assert answer.breakdown.available_to_order == answer.breakdown.available_to_sell == units(7)
    assert answer.breakdown.shortfall == units(1)
    assert answer.version == 8 + 3
    assert (answer.sku, answer.requested, answer.as_of) == ("MUG", units(1), NOW)


def test_an_item_nobody_ever_counted_is_out_of_stock_at_version_zero() -> None:
    answer = ask()
    assert (answer.quantity, answer.version, answer.can_fulfil) == (0, 0, False)
    assert answer.breakdown.locations == ()


@pytest.mark.parametrize(
    ("quantity", "can"), [(0.001, True), (3, True), (3.001, False), (4, False)]
)
def test_as_much_as_there_is_can_be_had_and_not_a_thousandth_more(
    quantity: Amount, can: bool
) -> None:
    assert ask(position("BER", 2), position("HAM", 1), quantity=quantity).can_fulfil is can


def test_a_discontinued_item_is_there_to_sell_but_not_to_order() -> None:
    answer = ask(position(on_hand=4), of=item(discontinued=True))
    assert answer.breakdown.available_to_sell == units(4)
    assert (answer.quantity, answer.can_fulfil) == (0, False)


def test_next_supply_is_the_earliest_of_the_pool_that_is_still_to_come() -> None:
    answer = ask(
        position("BER", next_supply_at=later(days=5)),
        position("HAM", next_supply_at=later(days=2)),
        position("CPH", next_supply_at=later(days=1)),
    )
    assert answer.next_supply_at == later(days=2)


@pytest.mark.parametrize("seconds", [0, -1, -86400])
def test_a_supply_that_should_have_come_already_gives_no_date(seconds: float) -> None:
    answer = ask(position(next_supply_at=later(seconds)))
    assert answer.next_supply_at is None
    assert answer.message.code == "OUT_OF_STOCK"
