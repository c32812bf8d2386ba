"""What an audience that is told bands may know: no number of units, in no part of an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.audience import Bands, told, told_refusal
from hub.domain.availability import Availability, availability_of
from hub.domain.errors import Forbidden, InsufficientStock
from hub.domain.item import Item
from hub.domain.policies import UNLIMITED
from hub.domain.principal import ANONYMOUS, AccessScope, Audience, trusted
from tests.unit import builders as a
from tests.unit.builders import NOW, Amount, item, later, position, rules, schedule, units
from tests.unit.domain.exploration import explored
from tests.unit.domain.stockroom import Stockroom

BANDS = Bands()
SECRET = 7.913
"""A number of units that is in no other number of an answer."""


def banded(answer: Availability) -> Availability:
    """The answer as a storefront's shoppers get it."""
    return told(answer, Audience.BANDS, BANDS)


def answer_for(on_hand: Amount, backorders: Amount | None = None) -> Availability:
    """The answer for one unit of an item with so many on hand."""
    known = rules()
    held = position(on_hand=on_hand, version=1)
    return availability_of(
        item(step=0.001, backorders=backorders), [held], known, known.channel("web"), units(1), NOW
    )


@pytest.mark.parametrize(
    ("on_hand", "band"),
    [
        (-3, "0"), (0, "0"), (0.001, "<1"), (0.999, "<1"), (1, "1-4"), (4.999, "1-4"), (5, "5-9"),
        (9.999, "5-9"), (10, "10+"), (10_000, "10+"),
    ],
)  # fmt: skip
def test_a_quantity_is_told_as_the_band_it_lies_in(on_hand: Amount, band: str) -> None:
    answer = banded(answer_for(on_hand))
    assert (answer.quantity, answer.band) == (None, band)


def test_without_a_limit_the_band_is_the_highest() -> None:
    assert banded(answer_for(0, backorders=UNLIMITED // 1000)).band == "10+"


def test_other_bounds_make_other_bands() -> None:
    some = Bands((3, 4, 100))
    assert [some.of(units(n)) for n in (0, 1, 3, 4, 99, 100)] == [
        "0", "<3", "3", "4-99", "4-99", "100+",
    ]  # fmt: skip
    assert [Bands((1,)).of(units(n)) for n in (0, 1, 50)] == ["0", "1+", "1+"]


@explored(100)
@given(st.integers(-(10**7), 10**7), st.lists(st.integers(1, 9_000), min_size=1, unique=True))
def test_every_quantity_has_one_band_and_more_is_never_in_a_lower_one(
    quantity: int, bounds: list[int]
) -> None:
    bands = Bands(tuple(sorted(bounds)))
    known = [bands.of(quantity + step) for step in (0, 1, 1_000, 10_000_000)]
    in_order = [bands.of(0), bands.of(1), *(bands.of(units(bound)) for bound in bands.bounds)]
    places = [in_order.index(band) for band in known]
    assert places == sorted(places)


def test_an_exact_audience_is_told_everything() -> None:
    answer = answer_for(3)
    assert told(answer, Audience.EXACT, BANDS) is answer
    assert answer.band is None


@pytest.mark.parametrize(
    "of",
    [
        item(step=0.001),
        item(step=0.001, backorders=50),
        item(step=0.001, safety=2),
        item(step=0.001, low=100),
    ],
    ids=["plain", "backorders", "safety", "low"],
)
def test_no_number_of_units_is_left_in_what_is_told(of: Item) -> None:
    room = Stockroom(of, item("SET"), rules_=rules(kits={"SET": a.kit(MUG=1)})).stock(BER=SECRET)
    room.do(schedule(SECRET, eta=later(days=3)))
    for sku in ("MUG", "SET"):
        for asked in (1, 30):
            exact = room.availability(sku, units(asked))
            text = repr(banded(exact)._replace(version=0))
            units_told = {str(exact.quantity), "7913", "7.913", "5913", "50000", "100000", "=2000"}
            for secret in units_told | {str(line.quantity) for line in exact.promise} - {"1000"}:
                assert secret not in text, text


def test_who_is_told_a_band_has_no_breakdown() -> None:
    answer = banded(answer_for(3))
    assert answer.parts is None
    with pytest.raises(ValueError, match="band"):
        _ = answer.breakdown


def test_few_are_told_without_their_number() -> None:
    message = banded(answer_for(3)).message
    assert (message.code, message.params) == ("LOW_STOCK", {})
    assert message.evidence == {"countedAt": "2031-05-01T12:00:00+00:00", "rule": "default"}


def test_a_date_is_told_to_everybody_and_a_document_is_not() -> None:
    room = Stockroom(item(backorders=9)).stock(BER=2)
    room.do(schedule(3, document="PO-1", eta=later(days=2)))
    room.do(schedule(3, document="PO-2", eta=later(days=2)))
    answer = banded(room.availability(quantity=units(8)))
    assert answer.next_supply_at == later(days=2)
    assert [(one.quantity, one.kind, one.date, one.document) for one in answer.promise] == [
        (None, "STOCK", None, None),
        (None, "SUPPLY", later(days=2), None),
    ]


def test_a_cart_may_know_whether_it_can_have_what_it_holds() -> None:
    for asked, can in ((3, True), (4, False)):
        room = Stockroom().stock(BER=3)
        answer = banded(room.availability(quantity=units(asked)))
        assert (answer.can_fulfil, answer.requested) == (can, units(asked))


def test_a_refusal_tells_the_band_of_what_is_left() -> None:
    refusal = InsufficientStock(
        lines=[{"sku": "MUG", "requested": units(9), "available": units(SECRET)}]
    )
    line = {"sku": "MUG", "requested": units(9), "available": None, "band": "5-9"}
    shown = told_refusal(refusal, Audience.BANDS, BANDS)
    assert shown == InsufficientStock(lines=[line])
    assert shown.message == "Not enough stock: 5-9 left of MUG, you asked for 9."
    assert told_refusal(refusal, Audience.EXACT, BANDS) is refusal


def test_who_is_told_bands_can_not_ask_for_exact_stock() -> None:
    trusted("hub").require_exact()
    with pytest.raises(Forbidden) as refused:
        ANONYMOUS.require_exact()
    assert refused.value.data == {"scope": "audience:exact", "principal": "anonymous"}


def test_who_has_no_credentials_may_read_hold_and_wait_and_nothing_else() -> None:
    assert set(ANONYMOUS.scopes) == {
        AccessScope.AVAILABILITY_READ,
        AccessScope.RESERVATIONS_HOLD,
        AccessScope.NOTICES_WRITE,
    }
    assert ANONYMOUS.audience is Audience.BANDS
