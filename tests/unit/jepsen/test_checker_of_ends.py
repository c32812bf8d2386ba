"""The checker of the small Jepsen on ends of reservations, and on events."""

from tests.jepsen.book import BookedLine, BookedReservation, StoredEvent
from tests.jepsen.history import Commit, Outcome, Release, Send
from tests.unit.jepsen.made_run import PLACE, SKU, TTL_SECONDS, MadeRun

# ------------------------------------------------------------------------------------- the ends


def run_with_a_hold() -> MadeRun:
    """Ten units and one hold, `r-hold`."""
    run = MadeRun()
    run.counted("count-1", 10)
    run.held("hold")
    return run


def test_two_ends_in_the_ledger_are_found() -> None:
    run = run_with_a_hold()
    run.committed("commit", "r-hold")
    run.book_end("EXPIRED", "r-hold", at=run.now + TTL_SECONDS)
    assert "one_end" in run.rules_broken()


def test_two_winners_are_found_though_the_ledger_has_one() -> None:
    run = run_with_a_hold()
    run.committed("commit", "r-hold")
    answer = {"data": {"releaseReservation": {"reservation": {"id": "r-hold"}}}}
    run.tell("release", Release("r-hold"), answer)
    assert run.rules_broken() == {"one_winner"}


def test_one_hold_for_two_orders_is_found() -> None:
    run = run_with_a_hold()
    run.committed("commit-1", "r-hold", "o-1")
    answer = {"data": {"commitReservation": {"reservation": {"id": "r-hold"}}}}
    run.tell("commit-2", Commit("r-hold", "o-2"), answer)
    assert run.rules_broken() == {"one_winner"}


def test_a_lost_commit_is_found() -> None:
    run = run_with_a_hold()
    answer = {"data": {"commitReservation": {"reservation": {"id": "r-hold"}}}}
    run.tell("commit", Commit("r-hold", "o-1"), answer)
    assert run.rules_broken() == {"one_winner"}


def test_a_release_that_the_hold_survives_is_found() -> None:
    run = run_with_a_hold()
    answer = {"data": {"releaseReservation": {"reservation": {"id": "r-hold"}}}}
    run.tell("release", Release("r-hold"), answer)
    assert run.rules_broken() == {"one_winner"}


def test_releasing_twice_is_fine() -> None:
    run = run_with_a_hold()
    run.released("release-1", "r-hold")
    answer = {"data": {"releaseReservation": {"reservation": {"id": "r-hold"}}}}
    run.tell("release-2", Release("r-hold"), answer)
    assert run.violations() == []


def test_half_an_end_is_found() -> None:
    run = run_with_a_hold()
    run.released("release", "r-hold")
    booked = run.reservations["r-hold"]
    line = booked.lines[0]._replace(held=1)
    run.reservations["r-hold"] = booked._replace(lines=(line,))
    assert {"one_end", "claims"} <= run.rules_broken()


def test_rivals_who_are_told_different_ends_are_found() -> None:
    run = run_with_a_hold()
    run.committed("commit", "r-hold")
    run.refused("release", Release("r-hold"), "EXPIRED")
    assert {"agreement", "not_early"} == run.rules_broken()


def test_a_reader_who_sees_a_hold_after_its_acknowledged_end_is_found() -> None:
    run = run_with_a_hold()
    run.committed("commit", "r-hold")
    run.now += 1
    run.looked("look", "r-hold", "HELD")
    assert run.rules_broken() == {"agreement"}


def test_a_commit_at_the_very_end_is_found() -> None:
    run = run_with_a_hold()
    made = run.history.operations[-1]
    end = made.invoked + TTL_SECONDS
    answer = {"data": {"commitReservation": {"reservation": {"id": "r-hold"}}}}
    run.tell("commit", Commit("r-hold", "o-1"), answer, takes=90)
    run.book_commit("r-hold", "o-1", at=end)
    assert run.rules_broken() == {"in_time"}


def test_a_commit_that_was_asked_for_after_the_end_is_found_whatever_the_ledger_says() -> None:
    run = run_with_a_hold()
    run.now += TTL_SECONDS
    answer = {"data": {"commitReservation": {"reservation": {"id": "r-hold"}}}}
    run.tell("commit", Commit("r-hold", "o-1"), answer)
    run.book_commit("r-hold", "o-1", at=run.now - 40)
    assert run.rules_broken() == {"in_time"}


def test_a_prolonged_hold_may_be_committed_later() -> None:
    run = run_with_a_hold()
    run.now += TTL_SECONDS - 10
    run.extended("extend", "r-hold")
    run.now += 20
    run.committed("commit", "r-hold")
    assert run.violations() == []


def test_a_hold_that_expires_early_is_found() -> None:
    run = run_with_a_hold()
    run.book_end("EXPIRED", "r-hold", at=run.now + TTL_SECONDS - 2)
    assert run.rules_broken() == {"not_early"}


def test_a_prolonged_hold_that_expires_at_its_first_end_is_found() -> None:
    run = run_with_a_hold()
    run.now += 10
    run.extended("extend", "r-hold")
    run.book_end("EXPIRED", "r-hold", at=run.now - 11 + TTL_SECONDS)
    assert run.rules_broken() == {"not_early"}


# ----------------------------------------------------------------------------------- the events


def test_a_lost_event_is_found() -> None:
    run = MadeRun()
    run.sent_and_not_worked("event")
    assert next(v.sentence for v in run.violations()) == (
        "event was acknowledged and is not in the inbox."
    )


def test_an_event_that_still_waits_is_found() -> None:
    run = MadeRun()
    run.sent_and_not_worked("event")
    run.events.append(StoredEvent("till", "event", "PENDING", None))
    assert run.rules_broken() == {"events"}


def test_an_event_that_is_marked_and_was_not_applied_is_found() -> None:
    run = MadeRun()
    run.sent_and_not_worked("event")
    run.events.append(StoredEvent("till", "event", "APPLIED", None))
    assert run.rules_broken() == {"events"}


def test_an_event_that_was_applied_twice_is_found() -> None:
    run = MadeRun()
    run.sent("event")
    run.book("ADJUSTED", (1, 0, 0), source_event="till/event")
    assert run.rules_broken() == {"events"}


def test_an_event_that_became_a_dead_letter_for_no_reason_is_found() -> None:
    run = MadeRun()
    run.sent("event")
    run.events[-1] = run.events[-1]._replace(state="DEAD", error_code="INTERNAL")
    assert run.rules_broken() == {"events"}


def test_an_event_that_nobody_sent_is_found() -> None:
    run = MadeRun()
    run.events.append(StoredEvent("till", "ghost", "APPLIED", None))
    assert run.rules_broken() == {"events"}


def test_an_event_that_was_taken_in_as_new_twice_is_found() -> None:
    run = MadeRun()
    one = run.sent("event")
    one.attempts.append(one.attempts[0])
    assert run.rules_broken() == {"new_once"}


def test_an_event_that_cannot_be_worked_must_become_a_dead_letter() -> None:
    run = MadeRun()
    asked = Send("shop", "order.shipped", None, {"order": "o-9"}, "o-9")
    run.tell("event", asked, {"accepted": [{"id": "event", "duplicate": False}]})
    run.events.append(StoredEvent("shop", "event", "DEAD", "UNKNOWN_ORDER"))
    assert run.violations() == []
    run.events[-1] = run.events[-1]._replace(state="APPLIED")
    assert run.rules_broken() == {"events"}


def run_with_an_order() -> MadeRun:
    """An order of two units that was placed, and allocated."""
    run = MadeRun()
    run.counted("count-1", 10)
    asked = Send("shop", "order.placed", {SKU: 2}, {}, "o-1")
    run.tell("event", asked, {"accepted": [{"id": "event", "duplicate": False}]})
    run.events.append(StoredEvent("shop", "event", "APPLIED", None))
    line = BookedLine(SKU, PLACE, 2, 0, 2)
    run.reservations["r"] = BookedReservation("r", "COMMITTED", None, "o-1", None, (line,))
    run.book("ALLOCATED", (0, 2, 0), source_event="shop/event", reservation="r", order="o-1")
    return run


def test_an_order_is_allocated_shipped_and_well() -> None:
    run = run_with_an_order()
    assert run.violations() == []
    asked = Send("shop", "order.shipped", {SKU: 2}, {}, "o-1")
    run.tell("shipped", asked, {"accepted": [{"id": "shipped", "duplicate": False}]})
    run.events.append(StoredEvent("shop", "shipped", "APPLIED", None))
    line = BookedLine(SKU, PLACE, 2, 0, 0)
    run.reservations["r"] = run.reservations["r"]._replace(state="FULFILLED", lines=(line,))
    run.book("SHIPPED", (-2, -2, 0), source_event="shop/shipped", reservation="r", order="o-1")
    assert run.violations() == []


def test_an_order_that_was_allocated_twice_is_found() -> None:
    run = run_with_an_order()
    run.reservations["r-2"] = run.reservations["r"]._replace(id="r-2")
    run.book("ALLOCATED", (0, 2, 0), source_event="shop/event", reservation="r-2", order="o-1")
    assert run.rules_broken() == {"events"}


def test_an_event_that_was_not_acknowledged_may_be_there_or_not() -> None:
    run = run_with_an_order()
    one = run.history.operations[-1]
    one.attempts[0] = one.attempts[0]._replace(outcome=Outcome.MAYBE)
    assert run.rules_broken() == {"unanswered"}
    run = MadeRun()
    run.tell("event", one.asked, "ReadError()", Outcome.MAYBE)
    assert run.rules_broken() == {"unanswered"}
