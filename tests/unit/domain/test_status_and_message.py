"""The word for an answer, in schema.org's, Google's and the shopper's terms."""

from datetime import date

import pytest

from hub.domain.audience import Bands, told
from hub.domain.availability import Availability, availability_of
from hub.domain.item import Item
from hub.domain.messages import MESSAGE_CODES
from hub.domain.policies import UNLIMITED
from hub.domain.position import Position
from hub.domain.principal import Audience
from hub.domain.status import AvailabilityStatus
from tests.unit.builders import NOW, Amount, item, later, policy, position, rules, units


def answer_for(held: Position, of: Item | None = None) -> Availability:
    """The answer of the channel `web`, where three are few."""
    known = rules({("channel", "web"): policy(low=3)})
    return availability_of(of or item(), [held], known, known.channel("web"), units(1), NOW)


@pytest.mark.parametrize(
    ("on_hand", "status"),
    [
        (0, "OUT_OF_STOCK"),
        (-1, "OUT_OF_STOCK"),
        (1, "LIMITED_AVAILABILITY"),
        (3, "LIMITED_AVAILABILITY"),
        (4, "IN_STOCK"),
        (500, "IN_STOCK"),
    ],
)
def test_the_status_follows_what_can_be_ordered(on_hand: Amount, status: str) -> None:
    assert answer_for(position(on_hand=on_hand)).status == status


def test_a_discontinued_item_says_so_even_with_stock_and_supply() -> None:
    held = position(on_hand=9, next_supply_at=later(days=1))
    answer = answer_for(held, item(discontinued=True))
    assert (answer.status, answer.message.code) == ("DISCONTINUED", "DISCONTINUED")


def test_what_can_be_ordered_beyond_stock_says_so_and_by_when() -> None:
    message = answer_for(position(next_supply_at=later(days=3)), item(backorders=2)).message
    assert (message.code, message.params) == ("BACK_ORDER_BY", {"date": "2031-05-04"})
    assert message.evidence["supplyLineEta"] == "2031-05-04T12:00:00+00:00"
    soon = item(preorders=2, released=later(days=9))
    message = answer_for(position(next_supply_at=later(days=3)), soon).message
    assert (message.code, message.params) == ("PRE_ORDER_BY", {"date": "2031-05-10"})
    assert message.evidence["releasedAt"] == "2031-05-10T12:00:00+00:00"


def test_few_in_stock_are_not_few_while_more_can_be_ordered() -> None:
    assert answer_for(position(on_hand=1), item(backorders=9)).status == "IN_STOCK"


def test_a_low_stock_mark_of_zero_means_never_low() -> None:
    assert answer_for(position(on_hand=1), item(low=0)).status == "IN_STOCK"


@pytest.mark.parametrize(
    ("status", "schema_org", "google"),
    [
        (AvailabilityStatus.IN_STOCK, "InStock", "in_stock"),
        (AvailabilityStatus.LIMITED_AVAILABILITY, "LimitedAvailability", "in_stock"),
        (AvailabilityStatus.BACK_ORDER, "BackOrder", "backorder"),
        (AvailabilityStatus.PRE_ORDER, "PreOrder", "preorder"),
        (AvailabilityStatus.OUT_OF_STOCK, "OutOfStock", "out_of_stock"),
        (AvailabilityStatus.SOLD_OUT, "SoldOut", "out_of_stock"),
        (AvailabilityStatus.DISCONTINUED, "Discontinued", "out_of_stock"),
    ],
)
def test_each_status_has_its_schema_org_and_google_value(
    status: AvailabilityStatus, schema_org: str, google: str
) -> None:
    assert status.schema_org == f"https://schema.org/{schema_org}"
    assert status.google == google


def test_no_status_is_without_a_value_for_google() -> None:
    allowed = {"in_stock", "out_of_stock", "preorder", "backorder"}
    assert {status.google for status in AvailabilityStatus} == allowed


def test_in_stock_claims_only_what_was_counted() -> None:
    message = answer_for(position(on_hand=9)).message
    assert (message.code, message.params) == ("IN_STOCK", {})
    assert message.evidence == {"available": 9, "countedAt": "2031-05-01T12:00:00+00:00"}


def test_without_a_limit_no_number_is_claimed() -> None:
    any_number = item()._replace(backorder_limit=UNLIMITED)
    evidence = answer_for(position(on_hand=9), any_number).message.evidence
    assert evidence == {"available": None, "countedAt": "2031-05-01T12:00:00+00:00"}


def test_only_n_left_tells_the_number_and_the_rule_it_rests_on() -> None:
    message = answer_for(position(on_hand=2.5), item(step=0.5)).message
    assert (message.code, message.params) == ("ONLY_N_LEFT", {"count": 2.5})
    assert message.evidence == {
        "available": 2.5,
        "countedAt": "2031-05-01T12:00:00+00:00",
        "lowStockMark": 3,
        "rule": "channel:web",
    }


def test_out_of_stock_with_a_supply_to_come_says_by_when() -> None:
    message = answer_for(position(next_supply_at=later(days=3))).message
    assert (message.code, message.params) == ("BACK_BY", {"date": "2031-05-04"})
    assert message.evidence["supplyLineEta"] == "2031-05-04T12:00:00+00:00"


def test_while_there_is_stock_a_coming_supply_is_no_news() -> None:
    for on_hand, code in ((2, "ONLY_N_LEFT"), (9, "IN_STOCK")):
        held = position(on_hand=on_hand, next_supply_at=later(days=3))
        assert answer_for(held).message.code == code


@pytest.mark.parametrize("seconds", [-86_400 * 400, -1, 0, 1, 43_200, 86_400 * 400])
def test_a_date_told_is_never_in_the_past(seconds: float) -> None:
    message = answer_for(position(next_supply_at=later(seconds))).message
    if seconds <= 0:
        assert (message.code, message.params) == ("OUT_OF_STOCK", {})
    else:
        assert date.fromisoformat(str(message.params["date"])) >= NOW.date()


def test_every_message_given_has_a_known_code() -> None:
    answers = [
        answer_for(position(on_hand=9)),
        answer_for(position(on_hand=1)),
        told(answer_for(position(on_hand=1)), Audience.BANDS, Bands()),
        answer_for(position(), item(backorders=3)),
        answer_for(position(next_supply_at=later(days=1)), item(backorders=3)),
        answer_for(position(), item(preorders=3, released=later(days=1))),
        answer_for(position()),
        answer_for(position(next_supply_at=later(days=1))),
        answer_for(position(), item(discontinued=True)),
    ]
    assert tuple(answer.message.code for answer in answers) == MESSAGE_CODES
