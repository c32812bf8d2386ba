"""Where a source tells of stock that is not believed, some is withheld from everybody alike."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.availability import availability_of
from hub.domain.lowness import is_near_mark
from hub.domain.policies import Doubt, Rules
from hub.domain.source_freshness import Withheld
from hub.domain.values import UNIT
from tests.unit.builders import NOW, Amount, channel, item, later, policy, position, rules, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import reserve

HALF = Withheld(percent=50)
QUARTER = Withheld(percent=25)
TWO = Withheld(units=2 * UNIT)


def doubting(safety: Amount = 0, **by_location: Mapping[str, Withheld | None]) -> Rules:
    """Rules by which sources are not believed, each since another time."""
    known = rules({("global", ""): policy(safety=safety)})
    doubts = {
        location: [
            Doubt(source, later(-60 * place), withheld)
            for place, (source, withheld) in enumerate(sources.items())
        ]
        for location, sources in by_location.items()
    }
    return Rules(
        known.channels, known.locations, known.policies, known.default_channel, doubts=doubts
    )


def withheld(by: Rules, on_hand: Amount, location: str = "BER") -> tuple[float, str]:
    ruled = by.withheld(item(), location, "web", units(on_hand))
    return ruled.value / UNIT, ruled.rule


def test_the_larger_of_what_is_withheld_and_the_safety_stock_holds() -> None:
    by = doubting(3, BER={"acme": HALF})
    assert withheld(by, 10) == (5, "source:acme")
    assert withheld(by, 6) == (3, "global")
    assert withheld(by, 10, "HAM") == (3, "global")


def test_of_several_sources_the_one_that_withholds_most_is_named() -> None:
    by = doubting(BER={"acme": TWO, "erp": QUARTER, "till": None})
    assert withheld(by, 4) == (2, "source:acme")
    assert withheld(by, 40) == (10, "source:erp")


def test_an_answer_says_since_when_a_source_is_not_believed() -> None:
    by = doubting(BER={"acme": None, "erp": None})
    answer = availability_of(
        item(), [position("BER", 4), position("HAM", 1)], by, channel(), UNIT, NOW
    )
    assert (answer.quantity, answer.stale_since) == (units(5), later(-60))
    elsewhere = availability_of(item(), [position("HAM", 1)], by, channel(), UNIT, NOW)
    assert elsewhere.stale_since is None


@settings(max_examples=40)
@given(
    berlin=st.integers(0, 20),
    hamburg=st.integers(0, 20),
    held=st.integers(1, 5),
    percent=st.integers(1, 100),
    safety=st.integers(0, 3),
)
def test_what_the_answer_promises_can_be_held_and_no_more(
    berlin: int, hamburg: int, held: int, percent: int, safety: int
) -> None:
    room = Stockroom(rules_=doubting(safety, BER={"acme": Withheld(percent=percent)}))
    room.stock(BER=berlin, HAM=hamburg)
    room.decide(reserve(("MUG", held), id="first"))
    promised = room.availability().quantity
    assert promised is not None
    room.refusal(reserve(("MUG", promised / UNIT + 1), id="too much"))
    if promised:
        room.do(reserve(("MUG", promised / UNIT), id="all"))
    assert room.availability().quantity == 0


def test_an_item_may_be_near_its_mark_by_what_is_withheld() -> None:
    plenty = [position("BER", 12)]
    assert is_near_mark(item(), plenty, rules()) is False
    assert is_near_mark(item(), plenty, doubting(BER={"acme": HALF})) is True
