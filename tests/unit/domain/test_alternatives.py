"""Which items are offered in place of one that is out or low."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from hub.domain.alternatives import (
    AlternativeReason,
    likeness_of,
    likest,
    may_stand_in,
    ranked,
    wants_alternatives,
)
from hub.domain.audience import Bands, told
from hub.domain.availability import Availability, availability_of
from hub.domain.policies import UNLIMITED
from hub.domain.principal import Audience
from tests.unit.builders import NOW, Amount, item, later, position, rules, units


class Shirt(NamedTuple):
    """An item with what the catalogue says of it."""

    sku: str
    attributes: Mapping[str, Any]
    discontinued: bool = False


RED_S = Shirt("RED-S", {"colour": "red", "size": "S", "price": 10})


def answer_for(on_hand: Amount, asked: Amount = 1, **of: Any) -> Availability:
    """The answer of the channel `web` for so much of an item."""
    known = rules()
    held = position(on_hand=on_hand)
    return availability_of(item(**of), [held], known, known.channel("web"), units(asked), NOW)


@pytest.mark.parametrize(
    ("attributes", "share", "differs_in"),
    [
        ({"colour": "red", "size": "S", "price": 10}, 1.0, ()),
        ({"colour": "red", "size": "M", "price": 10}, 2 / 3, ("size",)),
        ({"colour": "red", "size": "S", "price": 8}, (2 + 0.8) / 3, ("price",)),
        ({"colour": "red", "size": "S", "price": -10}, 2 / 3, ("price",)),
        ({"colour": "red", "size": "S", "price": "10"}, 2 / 3, ("price",)),
        ({"colour": "red", "size": "S"}, 2 / 3, ("price",)),
        ({"colour": "red", "size": "S", "price": 10, "fit": "slim"}, 3 / 4, ("fit",)),
        ({}, 0.0, ("colour", "price", "size")),
    ],
)
def test_likeness_is_the_share_of_what_is_equal(
    attributes: dict[str, Any], share: float, differs_in: tuple[str, ...]
) -> None:
    likeness = likeness_of(RED_S, Shirt("OTHER", attributes))
    assert likeness.share == pytest.approx(share)
    assert likeness.differs_in == differs_in


def test_values_of_any_kind_are_compared() -> None:
    odd = {"tags": ["a"], "nested": {"x": 1}, "flag": True, "none": None, "zero": 0}
    same = likeness_of(Shirt("A", odd), Shirt("B", dict(odd)))
    assert (same.share, same.differs_in) == (1.0, ())
    other = dict.fromkeys(odd, 1) | {"flag": 2}
    assert likeness_of(Shirt("A", odd), Shirt("B", other)).share == 0.0
    assert likeness_of(Shirt("A", {}), Shirt("B", {})) == (0.0, ())


def test_what_differs_in_one_thing_says_so() -> None:
    one = likeness_of(RED_S, Shirt("M", {**RED_S.attributes, "size": "M"}))
    two = likeness_of(RED_S, Shirt("B", {**RED_S.attributes, "size": "M", "colour": "blue"}))
    assert one.reason is AlternativeReason.ONE_DIFFERENCE
    assert two.reason is AlternativeReason.SAME_FAMILY


def test_the_likest_are_looked_at_and_never_the_item_itself() -> None:
    family = [
        Shirt("BLUE-M", {"colour": "blue", "size": "M", "price": 10}),
        RED_S,
        Shirt("RED-M", {"colour": "red", "size": "M", "price": 10}),
        Shirt("RED-L", {"colour": "red", "size": "L", "price": 10}),
    ]
    assert [one.sku for one, _ in likest(RED_S, family, 9)] == ["RED-L", "RED-M", "BLUE-M"]
    assert [one.sku for one, _ in likest(RED_S, family, 1)] == ["RED-L"]


def test_others_help_where_the_item_is_out_low_or_has_too_little() -> None:
    assert not wants_alternatives(answer_for(9))
    for wanting in (answer_for(0), answer_for(3), answer_for(9, 10), answer_for(0, backorders=3)):
        assert wants_alternatives(wanting)


def test_only_what_can_be_had_stands_in() -> None:
    assert may_stand_in(RED_S, answer_for(9))
    assert not may_stand_in(RED_S, answer_for(9, 10))
    assert not may_stand_in(RED_S._replace(discontinued=True), answer_for(9))


def test_of_equally_like_items_the_one_that_is_surely_there_comes_first() -> None:
    like = likeness_of(RED_S, RED_S)
    unlike = likeness_of(RED_S, Shirt("X", {}))
    candidates = [
        (Shirt("unlike", {}), unlike, answer_for(99)),
        (Shirt("out", {}), like, answer_for(0)),
        (Shirt("preorder", {}), like, answer_for(0, preorders=9, released=later(days=1))),
        (Shirt("backorder", {}), like, answer_for(0, backorders=9)),
        (Shirt("few", {}), like, answer_for(2)),
        (Shirt("some", {}), like, answer_for(7)),
        (Shirt("more", {}), like, answer_for(8)),
        (Shirt("any number", {}), like, answer_for(8, backorders=UNLIMITED // 1000)),
    ]
    told_first = [one.sku for one, _, _ in ranked(candidates)]
    assert told_first == [
        "any number", "more", "some", "few", "backorder", "preorder", "out", "unlike",
    ]  # fmt: skip


def test_the_order_tells_no_audience_more_than_its_answers() -> None:
    like = likeness_of(RED_S, RED_S)

    def order(*on_hand: Amount) -> list[str]:
        names = ("A", "B", "C")
        answers = (told(answer_for(units), Audience.BANDS, Bands()) for units in on_hand)
        candidates = [
            (Shirt(name, {}), like, answer) for name, answer in zip(names, answers, strict=True)
        ]
        return [one.sku for one, _, _ in ranked(candidates)]

    assert order(6, 7, 8) == order(8, 7, 6) == ["A", "B", "C"]
