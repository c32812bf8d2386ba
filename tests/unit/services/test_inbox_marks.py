"""What is written on an inbox entry once its command was decided."""

import pytest

from hub.domain.decide_orders import OrderChange
from hub.domain.decide_stock import StockChange
from hub.domain.errors import (
    HubError,
    InvalidInput,
    OrderLineMismatch,
    ReservationNotFound,
    UnknownOrder,
    UnknownSku,
)
from hub.services.inbox_marks import MAX_ATTEMPTS, mark_of
from hub.store.inbox import Mark
from tests.unit.builders import position

EARLY = [
    UnknownOrder(order="O-1", verb="shipped"),
    OrderLineMismatch(order="O-1", sku="MUG", verb="returned", asked="2", possible="1"),
]
NEVER = [
    UnknownSku(skus=["NIL"]),
    ReservationNotFound(id="nil"),
    InvalidInput(field="delta", problem="must not be 0"),
]


@pytest.mark.parametrize("attempts", [0, 3])
@pytest.mark.parametrize("result", [StockChange(position(), True), OrderChange("O-1", ())])
def test_what_took_effect_is_applied(result: object, attempts: int) -> None:
    assert mark_of(7, result, attempts) == Mark(7, "APPLIED")


@pytest.mark.parametrize(
    "result", [StockChange(position(), False, "STALE: …"), OrderChange("O-1", (), "DUPLICATE: …")]
)
def test_what_changed_nothing_is_superseded_and_says_why(
    result: StockChange | OrderChange,
) -> None:
    assert mark_of(7, result, 0) == Mark(7, "SUPERSEDED", result.note)


@pytest.mark.parametrize("refusal", EARLY)
@pytest.mark.parametrize(("attempts", "delay"), [(0, 0.25), (1, 1.0), (2, 4.0)])
def test_an_event_that_may_have_overtaken_another_is_tried_again_ever_later(
    refusal: HubError, attempts: int, delay: float
) -> None:
    expected = Mark(7, "PENDING", None, refusal.code, refusal.message, delay)
    assert mark_of(7, refusal, attempts) == expected


@pytest.mark.parametrize("refusal", EARLY)
def test_after_the_last_attempt_it_is_a_dead_letter(refusal: HubError) -> None:
    expected = Mark(7, "DEAD", None, refusal.code, refusal.message)
    assert mark_of(7, refusal, MAX_ATTEMPTS - 1) == expected
    assert mark_of(7, refusal, MAX_ATTEMPTS) == expected


@pytest.mark.parametrize("refusal", NEVER)
def test_what_no_other_event_can_mend_is_a_dead_letter_at_once(refusal: HubError) -> None:
    assert mark_of(7, refusal, 0) == Mark(7, "DEAD", None, refusal.code, refusal.message)
