"""Nobody is kept from the last one by himself, and nobody can hold everything."""

import pytest

from hub.domain.errors import HoldLimitReached, InsufficientStock
from hub.domain.movements import MovementKind
from hub.domain.reservations import EndReason, HoldStage, ReservationState
from tests.unit.builders import adjust, item, kit, later, policy, rules, schedule, set_stock, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.domain.writer_reads import Limits
from tests.unit.holds import commit, extend, release, reserve

RELEASED = ReservationState.RELEASED


def test_the_last_one_that_one_holds_can_be_held_anew() -> None:
    room = Stockroom().stock(BER=1)
    room.do(reserve(("MUG", 1), id="first", holder="cart-7"))
    assert room.availability(holder="cart-7").quantity == units(1)
    assert room.availability().quantity == room.availability(holder="cart-8").quantity == 0
    room.do(reserve(("MUG", 1), id="again", holder="cart-7"))
    first = room.reservations["first"]
    assert (first.state, first.ended_reason) == (RELEASED, EndReason.SUPERSEDED)
    released = room.movements[-2]
    assert (released.kind, released.reservation, released.reason) == (
        MovementKind.RELEASED,
        "first",
        "SUPERSEDED",
    )
    assert room.at().reserved == units(1)


def test_another_holder_is_refused_by_it() -> None:
    room = Stockroom().stock(BER=1)
    room.do(reserve(("MUG", 1), id="first", holder="cart-7"))
    for other in ("cart-8", None):
        assert isinstance(
            room.refusal(reserve(("MUG", 1), id="next", holder=other)), InsufficientStock
        )
    assert room.reservations["first"].state is ReservationState.HELD


def test_while_there_is_enough_own_holds_stay() -> None:
    room = Stockroom().stock(BER=2)
    room.do(reserve(("MUG", 1), id="first", holder="cart-7"))
    room.do(reserve(("MUG", 1), id="again", holder="cart-7"))
    assert room.reservations["first"].state is ReservationState.HELD


def test_an_own_hold_gives_way_only_as_far_as_it_must() -> None:
    room = Stockroom().stock(BER=5)
    room.do(set_stock(1, sku="LAMP"))
    room.do(reserve(("MUG", 3), ("LAMP", 1), id="first", holder="cart-7"))
    room.do(reserve(("MUG", 3), id="again", holder="cart-7"))
    first = room.reservations["first"]
    assert [line.held for line in first.lines] == [units(2), units(1)]
    assert (first.state, first.ended_reason) == (ReservationState.HELD, None)
    assert room.at().reserved == units(5)


def test_the_oldest_gives_way_first() -> None:
    room = Stockroom().stock(BER=4)
    for id in ("one", "two"):
        room.do(reserve(("MUG", 2), id=id, holder="cart-7"))
        room.wait(1)
    room.do(reserve(("MUG", 3), id="three", holder="cart-7"))
    assert room.reservations["one"].state is RELEASED
    assert room.reservations["two"].lines[0].held == units(1)


def test_with_all_of_its_own_a_holder_still_gets_no_more_than_there_is() -> None:
    room = Stockroom().stock(BER=3)
    room.do(reserve(("MUG", 2), id="first", holder="cart-7"))
    refused = room.refusal(reserve(("MUG", 4), id="again", holder="cart-7"))
    assert refused.lines == [{"sku": "MUG", "requested": units(4), "available": units(3)}]
    assert room.reservations["first"].lines[0].held == units(2)


@pytest.mark.parametrize("safety", [0, 1, 2])
def test_where_units_are_lacking_they_are_given_back_before_any_is_held(safety: int) -> None:
    """Else the new hold would stand on units that are not there."""
    known = rules({("location", "BER"): policy(safety=safety)})
    room = Stockroom(rules_=known).stock(BER=5 + safety)
    room.do(reserve(("MUG", 5), id="first", holder="cart-7"))
    room.do(adjust(-2 - safety))
    assert room.at().shortfall == units(2)
    room.do(reserve(("MUG", 3 - safety), id="again", holder="cart-7"))
    assert (room.at().shortfall, room.at().free) == (0, units(safety))
    assert room.reservations["first"].state is RELEASED


def test_a_committed_reservation_does_not_give_way() -> None:
    room = Stockroom().stock(BER=1)
    room.do(reserve(("MUG", 1), id="first", holder="cart-7"))
    room.do(commit(id="first"))
    assert isinstance(
        room.refusal(reserve(("MUG", 1), id="again", holder="cart-7")), InsufficientStock
    )


def test_the_components_of_ones_own_kit_give_way_too() -> None:
    known = rules(kits={"SET": kit(MUG=2)})
    room = Stockroom(item("MUG"), item("SET"), rules_=known).stock(BER=2)
    room.do(reserve(("SET", 1), id="first", holder="cart-7"))
    room.do(reserve(("MUG", 1), id="again", holder="cart-7"))
    assert room.reservations["first"].lines[0].held == units(1)
    room.do(release(id="again"))
    room.do(reserve(("SET", 1), id="third", holder="cart-7"))
    assert room.reservations["first"].state is RELEASED


def test_a_holder_may_have_so_many_holds_and_no_more() -> None:
    room = Stockroom(limits=Limits(per_holder=2)).stock(BER=9)
    results = room.decide(
        *(reserve(("MUG", 1), id=id, holder="cart-7") for id in ("a", "b", "c"))
    ).results
    assert results[2] == HoldLimitReached(what="holder", limit=2)
    assert room.refusal(reserve(("MUG", 1), id="d", holder="cart-7")) == results[2]
    assert room.do(reserve(("MUG", 1), id="e", holder="cart-8")).id == "e"
    assert room.do(reserve(("MUG", 1), id="f")).id == "f"
    room.do(release(id="a"))
    assert room.do(reserve(("MUG", 1), id="g", holder="cart-7")).id == "g"


def test_holds_that_have_ended_or_lapsed_do_not_count() -> None:
    room = Stockroom(limits=Limits(per_holder=1)).stock(BER=9)
    room.do(reserve(("MUG", 1), id="a", holder="cart-7", seconds=60))
    room.wait(60)
    room.do(reserve(("MUG", 1), id="b", holder="cart-7"))
    room.do(commit(id="b"))
    assert room.do(reserve(("MUG", 1), id="c", holder="cart-7")).id == "c"


def test_an_address_may_have_so_many_holds_whatever_the_holders_are_called() -> None:
    room = Stockroom(limits=Limits(per_address=2)).stock(BER=9)
    for id in ("a", "b"):
        room.do(reserve(("MUG", 1), id=id, holder=id, address="203.0.113.7"))
    refused = room.refusal(reserve(("MUG", 1), id="c", holder="c", address="203.0.113.7"))
    assert refused == HoldLimitReached(what="address", limit=2)
    assert room.do(reserve(("MUG", 1), id="d", address="203.0.113.8")).id == "d"


def test_who_is_refused_for_his_address_has_not_used_up_his_own_share() -> None:
    room = Stockroom(limits=Limits(per_holder=1, per_address=1)).stock(BER=9)
    results = room.decide(
        reserve(("MUG", 1), id="a", holder="other", address="203.0.113.7"),
        reserve(("MUG", 1), id="b", holder="cart-7", address="203.0.113.7"),
        reserve(("MUG", 1), id="c", holder="cart-7", address="203.0.113.8"),
    ).results
    assert results[1] == HoldLimitReached(what="address", limit=1)
    assert results[2].id == "c"


@pytest.mark.parametrize("stage", list(HoldStage))
def test_a_hold_without_a_length_lasts_as_long_as_its_stage(stage: HoldStage) -> None:
    lengths = {("channel", "web"): policy()._replace(checkout_hold_seconds=1200)}
    lengths[("global", "")] = policy()._replace(payment_hold_seconds=60)
    room = Stockroom(rules_=rules(lengths)).stock(BER=9)
    held = room.do(reserve(("MUG", 1), seconds=None, stage=stage))
    seconds = {"CART": 900, "CHECKOUT": 1200, "PAYMENT": 60}[stage.value]
    assert (held.expires_at, held.ttl_seconds, held.stage) == (later(seconds), seconds, stage)


def test_a_hold_enters_another_stage_and_never_ends_earlier_for_it() -> None:
    lengths = {("global", ""): policy()._replace(payment_hold_seconds=60)}
    room = Stockroom(rules_=rules(lengths)).stock(BER=9)
    room.do(reserve(("MUG", 1), seconds=600))
    paying = room.do(extend(seconds=None, stage=HoldStage.PAYMENT))
    assert (paying.stage, paying.expires_at) == (HoldStage.PAYMENT, later(600))
    room.wait(590)
    assert room.do(extend(seconds=None)).expires_at == later(650)


def test_an_own_place_in_line_is_not_given_up_for_another() -> None:
    room = Stockroom(item(backorders=2))
    room.do(schedule(9))
    room.do(reserve(("MUG", 2), id="first", holder="cart-7"))
    assert isinstance(
        room.refusal(reserve(("MUG", 1), id="again", holder="cart-7")), InsufficientStock
    )
