"""The checker of the small Jepsen finds what is planted, and nothing where all is well."""

import pytest

from tests.jepsen.book import Book, BookedReservation, Position
from tests.jepsen.checker import check, report
from tests.jepsen.history import AdjustStock, Attempt, Commit, Outcome, Release, Reserve
from tests.unit.jepsen.made_run import SKU, MadeRun, held_answer


@pytest.fixture
def run() -> MadeRun:
    """Ten units; one sold, one given back, one expired, one held; an event and an adjustment."""
    made = MadeRun()
    made.counted("count-1", 10)
    made.committed("commit-1", made.held("hold-1"))
    made.released("release-1", made.held("hold-2"))
    made.held("hold-3")
    made.book_end("EXPIRED", "r-hold-3", at=made.now + 60)
    made.held("hold-4")
    made.adjusted("adjust-1", 3)
    made.sent("event-1")
    return made


def test_a_sound_run_breaks_no_rule(run: MadeRun) -> None:
    assert run.violations() == []


def test_a_lost_answer_may_have_taken_effect_or_not(run: MadeRun) -> None:
    """As long as the client hears in the end what became of it."""
    one = run.adjusted("adjust-2", 1)
    lost = Attempt("api-1", one.invoked - 2, one.invoked - 1, Outcome.MAYBE, "ReadError()")
    one.attempts.insert(0, lost)
    assert run.violations() == []


def test_a_refused_rival_who_agrees_is_fine(run: MadeRun) -> None:
    run.refused("late", Release("r-hold-1"), "COMMITTED")
    run.looked("look", "r-hold-1", "COMMITTED")
    assert run.violations() == []


# ------------------------------------------------------------------------------------- the bank


def test_a_doubled_sale_is_found() -> None:
    """Two buyers got the last one: by the ledger, and by what they were told alone."""
    run = MadeRun()
    run.counted("count-1", 1)
    run.held("hold-1")
    run.held("hold-2")
    assert [v.rule for v in run.violations()] == ["oversold", "oversold"]


def test_a_doubled_sale_is_found_though_the_ledger_hides_it() -> None:
    run = MadeRun()
    run.counted("count-1", 1)
    run.committed("commit-1", run.held("hold-1"))
    run.tell("hold-2", Reserve({SKU: 1}, 60), held_answer("r-hold-1", run.now + 60))
    assert {"oversold", "exactly_once"} <= run.rules_broken()


def test_units_of_a_hold_that_ended_may_be_held_again() -> None:
    run = MadeRun()
    run.counted("count-1", 1)
    run.released("release-1", run.held("hold-1"))
    run.held("hold-2")
    assert run.violations() == []


def test_a_lost_adjustment_is_found(run: MadeRun) -> None:
    run.tell("lost", AdjustStock("A-1", "BER", 1), {"data": {"adjustStock": {"position": {}}}})
    assert run.rules_broken() == {"lost_or_doubled"}


def test_an_adjustment_that_was_made_twice_is_found(run: MadeRun) -> None:
    run.adjusted("adjust-2", 1)
    run.book("ADJUSTED", (1, 0, 0), reason="adjust-2")
    assert run.rules_broken() == {"lost_or_doubled"}


def test_an_adjustment_by_another_amount_is_found(run: MadeRun) -> None:
    run.adjusted("adjust-2", 5)
    run.movements[-1] = run.movements[-1]._replace(on_hand=4)
    assert run.rules_broken() == {"bank"}


def test_a_refusal_that_was_carried_out_is_found(run: MadeRun) -> None:
    one = run.adjusted("adjust-2", 5)
    one.attempts[0] = one.attempts[0]._replace(outcome=Outcome.REFUSED)
    assert run.rules_broken() == {"unasked", "lost_or_doubled"}


def test_an_entry_that_nobody_asked_for_is_found(run: MadeRun) -> None:
    run.book("ADJUSTED", (5, 0, 0), reason="a ghost")
    assert run.rules_broken() == {"unasked", "bank"}


def test_an_entry_that_is_missing_is_found(run: MadeRun) -> None:
    del run.movements[0]
    assert {"unasked", "lost_or_doubled"} <= run.rules_broken()


def test_a_position_that_is_not_its_movements_is_found(run: MadeRun) -> None:
    run.counted("count-2", 10)
    run.movements[-1] = run.movements[-1]._replace(on_hand=-1)
    assert run.rules_broken() == {"bank"}


def test_a_claim_without_a_reservation_is_found(run: MadeRun) -> None:
    del run.reservations["r-hold-4"]
    assert {"claims", "exactly_once"} <= run.rules_broken()


def test_a_write_that_goes_before_one_that_was_over_is_found(run: MadeRun) -> None:
    run.adjusted("early", 1)
    run.now += 1
    run.adjusted("late", 1)
    early, late = run.movements[-2:]
    run.movements[-2:] = [
        late._replace(version=early.version),
        early._replace(version=late.version),
    ]
    assert "order_of_time" in run.rules_broken()


# -------------------------------------------------------------------------------------- the set


def test_a_lost_hold_is_found(run: MadeRun) -> None:
    run.tell("lost", Reserve({SKU: 1}, 60), held_answer("r-lost", run.now + 60))
    assert run.rules_broken() == {"exactly_once"}


def test_a_hold_that_is_there_twice_under_one_key_is_found(run: MadeRun) -> None:
    run.held("hold-5")
    run.book_hold("hold-5", "r-another")
    assert run.rules_broken() == {"exactly_once"}


def test_a_hold_that_was_refused_and_is_there_is_found(run: MadeRun) -> None:
    run.held("hold-5")
    one = run.history.operations[-1]
    refusal = '{"data":{"reserve":{"code":"INSUFFICIENT_STOCK"}}}'
    one.attempts[0] = one.attempts[0]._replace(outcome=Outcome.REFUSED, answer=refusal)
    assert run.rules_broken() == {"exactly_once", "unasked"}


def test_a_hold_of_another_size_is_found(run: MadeRun) -> None:
    run.held("hold-5", units=2)
    one = run.history.operations[-1]
    one.asked = Reserve({SKU: 1}, 60)
    assert run.rules_broken() == {"exactly_once"}


def test_a_hold_that_nobody_asked_for_is_found(run: MadeRun) -> None:
    run.book_hold("nobody", "r-nobody")
    assert run.rules_broken() == {"unasked"}


def test_an_order_that_nobody_placed_is_found(run: MadeRun) -> None:
    run.reservations["r"] = BookedReservation("r", "COMMITTED", None, "o-9", None, ())
    assert run.rules_broken() == {"unasked"}


def test_another_answer_to_the_same_key_is_found(run: MadeRun) -> None:
    one = run.adjusted("adjust-2", 1)
    again = one.attempts[0]
    one.attempts.append(again._replace(answer=again.answer + " "))
    assert run.rules_broken() == {"same_answer"}


def test_a_client_that_never_heard_an_answer_is_found(run: MadeRun) -> None:
    run.tell("lost", Commit("r-hold-4", "o-2"), "ReadError()", Outcome.MAYBE)
    assert run.rules_broken() == {"unanswered"}


def test_an_internal_error_is_found(run: MadeRun) -> None:
    one = run.adjusted("adjust-2", 1)
    text = '{"error":{"code":"INTERNAL"}}'
    one.attempts.insert(0, one.attempts[0]._replace(outcome=Outcome.MAYBE, answer=text))
    assert run.rules_broken() == {"defect"}


def test_a_hold_that_cannot_be_found_any_more_is_found(run: MadeRun) -> None:
    answer = {"data": {"releaseReservation": {"code": "RESERVATION_NOT_FOUND"}}}
    run.tell("late", Release("r-hold-1"), answer, Outcome.REFUSED)
    assert run.rules_broken() == {"not_found"}


def test_the_report_shows_the_operations_the_entries_and_the_kills_with_their_times() -> None:
    run = MadeRun()
    run.counted("count-1", 1)
    run.held("hold-1")
    run.history.note("worker-3, process 7, is killed")
    run.held("hold-2")
    text = report(run.violations(), run.history)
    assert "[oversold] A-1 at BER was oversold by 1." in text
    assert "0.0000  worker-3, process 7, is killed" in text
    assert "2.0000 – 3.0000  client Reserve hold-2" in text
    assert "2.5000  in the ledger: Movement(sku='A-1'" in text


def test_a_position_in_the_book_alone_is_found() -> None:
    book = Book([Position("Z", "BER", 1, 0, 0, 1)], [], [], [])
    run = MadeRun()
    assert [v.rule for v in check(run.history, book)] == ["bank"]
