"""What pages of items are filtered by, as it follows from the formula."""

from collections.abc import Sequence

from hub.domain.item import Item
from hub.domain.listing import NEVER_COUNTED, Listed, listed_in
from hub.domain.policies import Policy, Rules
from hub.domain.position import Position
from hub.domain.status import AvailabilityStatus
from tests.unit.builders import NOW, item, kit, later, position, rules, units


def listed(
    positions: Sequence[Position], of: Item | None = None, by: Rules | None = None
) -> Listed:
    """What is said of a mug in the channel `web`, which sells from BER and HAM."""
    of, by = of or item(), by or rules()
    return listed_in({of.sku: of}, {of.sku: positions}, of.sku, by, by.channel("web"), NOW)


def test_an_item_is_low_at_its_mark_and_below_but_not_above() -> None:
    by = rules({("global", ""): Policy(low_stock_mark=units(3))})
    low = {on_hand: listed([position(on_hand=on_hand)], by=by).low for on_hand in (0, 2, 3, 4)}
    assert low == {0: True, 2: True, 3: True, 4: False}


def test_an_item_is_low_by_what_is_in_stock_however_many_can_be_backordered() -> None:
    found = listed([position(on_hand=2)], item(low=3, backorders=100))
    assert (found.status, found.low) == (AvailabilityStatus.IN_STOCK, True)


def test_what_is_no_longer_sold_is_never_low() -> None:
    found = listed([position(on_hand=0)], item(discontinued=True))
    assert (found.status, found.low) == (AvailabilityStatus.DISCONTINUED, False)


def test_an_item_nobody_stocks_is_sold_out_and_was_never_to_be_counted() -> None:
    found = listed([])
    assert (found.status, found.low) == (AvailabilityStatus.OUT_OF_STOCK, True)
    assert found.counted_at is None


def test_the_count_is_that_of_the_location_that_has_waited_longest() -> None:
    fresh = position("BER", 5, counted_at=later(-60))
    stale = position("HAM", 5, counted_at=later(days=-9))
    assert listed([fresh, stale]).counted_at == later(days=-9)
    assert listed([fresh, position("HAM", 5)]).counted_at == NEVER_COUNTED
    outside = position("CPH", 5, counted_at=later(days=-90))
    assert listed([fresh, outside]).counted_at == later(-60)


def test_a_kit_has_the_status_of_its_components_and_no_counts() -> None:
    by = rules(kits={"SET": kit(MUG=2)})
    items = {"SET": item("SET"), "MUG": item("MUG")}
    positions = {"SET": [], "MUG": [position(on_hand=4, counted_at=NOW)]}
    found = listed_in(items, positions, "SET", by, by.channel("web"), NOW)
    assert found == Listed("web", "SET", AvailabilityStatus.LIMITED_AVAILABILITY, True, None)
