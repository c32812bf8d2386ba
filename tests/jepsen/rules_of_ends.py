"""The end of a reservation: exactly one, in time, and everybody who asks is told the same."""

from collections import defaultdict
from collections.abc import Iterator

from tests.jepsen.book import BookedReservation
from tests.jepsen.evidence import CLOCK_TOLERANCE_SECONDS, Evidence, Violation
from tests.jepsen.history import Look, Reserve

_STATES_AFTER = {
    "ALLOCATED": {"COMMITTED", "FULFILLED"},
    "RELEASED": {"RELEASED"},
    "EXPIRED": {"EXPIRED"},
}
_LATER_STATES = {
    "HELD": {"HELD", "COMMITTED", "FULFILLED", "RELEASED", "EXPIRED"},
    "COMMITTED": {"COMMITTED", "FULFILLED"},
    "FULFILLED": {"FULFILLED"},
    "RELEASED": {"RELEASED"},
    "EXPIRED": {"EXPIRED"},
}


def each_reservation_has_one_end(evidence: Evidence) -> Iterator[Violation]:
    """In the ledger: one kind of end, for one order, of all that was reserved, and the state that
    belongs to it."""
    for booked in _holds(evidence):
        ends: dict[str, int] = defaultdict(int)
        reserved = 0
        for movement in evidence.movements_of[booked.id]:
            if movement.kind == "RESERVED":
                reserved += movement.reserved
            elif movement.kind in _STATES_AFTER:
                ends[movement.kind] -= movement.reserved
        orders = {m.order for m in evidence.movements_of[booked.id] if m.kind == "ALLOCATED"}
        still_held = sum(line.held for line in booked.lines)
        right_states = _STATES_AFTER[next(iter(ends))] if ends else {"HELD"}
        if len(ends) > 1 or len(orders) > 1:
            sentence = f"Reservation {booked.id} has ended as {', '.join(sorted(ends))}"
            sentence += f" for the orders {orders}." if len(orders) > 1 else "."
        elif booked.state not in right_states:
            sentence = f"Reservation {booked.id} is {booked.state}, by the ledger {right_states}."
        elif sum(ends.values()) + still_held != reserved:
            sentence = f"Reservation {booked.id} has {reserved} reserved and {dict(ends)} ended."
        else:
            continue
        yield _violation("one_end", sentence, booked, evidence)


def exactly_one_wins(evidence: Evidence) -> Iterator[Violation]:
    """By what clients were told: one commit or releases, and the reservation is what they say."""
    for booked in _holds(evidence):
        committed = {asked.order for one, asked in evidence.commits_of(booked.id) if one.ok}
        released = any(one.ok for one, _ in evidence.releases_of(booked.id))
        if len(committed) + released > 1:
            winners = [*sorted(committed), *(["a release"] if released else [])]
            sentence = f"Reservation {booked.id} was won by {' and '.join(winners)}."
        elif committed and booked.order not in committed:
            sentence = f"Reservation {booked.id} is of order {booked.order}, not {committed}."
        elif committed and booked.state not in _STATES_AFTER["ALLOCATED"]:
            sentence = f"Reservation {booked.id} was committed and is {booked.state}."
        elif released and booked.state != "RELEASED":
            sentence = f"Reservation {booked.id} was released and is {booked.state}."
        else:
            continue
        yield _violation("one_winner", sentence, booked, evidence)


def everybody_agrees_afterwards(evidence: Evidence) -> Iterator[Violation]:
    """Who lost or looked was told a state that leads to the last one, and nobody who looks after
    an end was acknowledged still sees the hold."""
    for booked in _holds(evidence):
        ended_by = min(
            (
                one.completed
                for one, _ in [*evidence.commits_of(booked.id), *evidence.releases_of(booked.id)]
                if one.ok
            ),
            default=float("inf"),
        )
        for one in evidence.about[booked.id]:
            state = one.told.get("state")
            if state is None:
                continue
            late = state == "HELD" and isinstance(one.asked, Look) and one.invoked > ended_by
            if late or booked.state not in _LATER_STATES.get(state, ()):
                sentence = f"{one.key} was told that {booked.id} is {state}; it is {booked.state}."
                yield _violation("agreement", sentence, booked, evidence)


def nothing_is_committed_at_or_after_its_end(evidence: Evidence) -> Iterator[Violation]:
    """By the ledger's times exactly, and by the clock of whoever asked."""
    for made, _ in evidence.asking(Reserve):
        if not made.ok or not evidence.end_is_known(made.reservation["id"]):
            continue
        id, end = made.reservation["id"], evidence.told_end_of(made)
        late = [
            movement.at
            for movement in evidence.movements_of[id]
            if movement.kind in ("ALLOCATED", "RELEASED") and movement.at >= end
        ] + [
            one.invoked
            for one, _ in evidence.commits_of(id)
            if one.ok and one.invoked >= end + CLOCK_TOLERANCE_SECONDS
        ]
        if late:
            sentence = f"Reservation {id} was ended by hand {late[0] - end:.6f} s after its end."
            yield Violation("in_time", sentence, evidence.story_of(id),
                            tuple(evidence.movements_of[id]))  # fmt: skip


def nothing_expires_early(evidence: Evidence) -> Iterator[Violation]:
    """Neither in the ledger nor in what clients are told, however often a hold was prolonged."""
    for made, _ in evidence.asking(Reserve):
        if not made.ok:
            continue
        id = made.reservation["id"]
        end = evidence.told_end_of(made)
        early = any(
            movement.kind == "EXPIRED" and movement.at < end
            for movement in evidence.movements_of[id]
        ) or any(
            one.told.get("state") == "EXPIRED" and one.completed < end - CLOCK_TOLERANCE_SECONDS
            for one in evidence.about[id]
        )
        if early:
            yield Violation("not_early", f"Reservation {id} has expired before its end.",
                            evidence.story_of(id), tuple(evidence.movements_of[id]))  # fmt: skip


def _holds(evidence: Evidence) -> list[BookedReservation]:
    return [booked for booked in evidence.book.reservations if booked.holder is not None]


def _violation(
    rule: str, sentence: str, booked: BookedReservation, evidence: Evidence
) -> Violation:
    story = evidence.story_of(booked.id)
    return Violation(rule, sentence, story, tuple(evidence.movements_of[booked.id]))


RULES = (
    each_reservation_has_one_end,
    exactly_one_wins,
    everybody_agrees_afterwards,
    nothing_is_committed_at_or_after_its_end,
    nothing_expires_early,
)
