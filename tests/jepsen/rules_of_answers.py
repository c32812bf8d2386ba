"""The set: what was acknowledged is there exactly once, what was refused is not, and nothing is
there that nobody asked for. A key that is used again gets the very same answer."""

from collections.abc import Iterator

from tests.jepsen.evidence import Evidence, Violation
from tests.jepsen.history import Look, Operation, Outcome, Reserve, Send


def every_answer_comes_in_the_end(evidence: Evidence) -> Iterator[Violation]:
    """Clients ask again under the same key until they know."""
    for one in evidence.operations:
        if not one.known:
            yield Violation("unanswered", f"{one.key} was never answered.", (one,))


def no_answer_is_a_defect(evidence: Evidence) -> Iterator[Violation]:
    """A killed process does not answer; one that lives has no reason to fail."""
    for one in evidence.operations:
        if any('"INTERNAL"' in attempt.answer for attempt in one.attempts):
            yield Violation("defect", f"{one.key} met an internal error.", (one,))


def the_same_key_gets_the_same_answer(evidence: Evidence) -> Iterator[Violation]:
    """Byte for byte. An event is told whether it was there before, so its answers may differ."""
    for one in evidence.operations:
        if isinstance(one.asked, Look):
            continue
        by_outcome = isinstance(one.asked, Send)
        different = {a.outcome.value if by_outcome else a.answer for a in one.known}
        if len(different) > 1:
            yield Violation(
                "same_answer", f"{one.key} got {len(different)} different answers.", (one,)
            )


def each_reserve_is_there_exactly_once(evidence: Evidence) -> Iterator[Violation]:
    """By holder, which is the key: once if acknowledged, never if refused, else at most once."""
    for one, asked in evidence.asking(Reserve):
        booked = evidence.held_by[one.key]
        if len(booked) > 1:
            sentence = f"{one.key} was asked for once and is there {len(booked)} times."
        elif one.ok and not booked:
            sentence = f"{one.key} was acknowledged and is not there."
        elif one.refused and booked:
            sentence = f"{one.key} was refused and is there as {booked[0].id}."
        elif one.ok and booked[0].id != one.reservation["id"]:
            sentence = f"{one.key} was told {one.reservation['id']} and is {booked[0].id}."
        elif booked and booked[0].units() != asked.lines:
            sentence = f"{one.key} asked for {asked.lines} and has {booked[0].units()}."
        else:
            continue
        moved = [m for found in booked for m in evidence.movements_of[found.id]]
        yield Violation("exactly_once", sentence, (one,), tuple(moved))


def no_reservation_is_there_unasked(evidence: Evidence) -> Iterator[Violation]:
    """Each is somebody's hold, or the allocation of an order that was sent."""
    placed = {one.order for _, one in evidence.asking(Send) if one.type == "order.placed"}
    for booked in evidence.book.reservations:
        maker: Operation | None = evidence.by_key.get(booked.holder or "")
        if maker is not None and isinstance(maker.asked, Reserve):
            continue
        if booked.holder is None and booked.order in placed:
            continue
        yield Violation(
            "unasked",
            f"Reservation {booked.id} (holder {booked.holder}, order {booked.order}) was not "
            "asked for.",
            movements=tuple(evidence.movements_of[booked.id]),
        )


def what_was_told_of_is_known(evidence: Evidence) -> Iterator[Violation]:
    """Nobody is told that a reservation does not exist which somebody was told of before."""
    for id, asked in evidence.about.items():
        for one in asked:
            missing = one.told.get("code") == "RESERVATION_NOT_FOUND"
            if missing or (isinstance(one.asked, Look) and one.ok and not one.told):
                yield Violation("not_found", f"{id} was not found.", (*evidence.story_of(id),))


def events_are_new_at_most_once(evidence: Evidence) -> Iterator[Violation]:
    """Of all answers to one event only one may say that it was not there before."""
    for one, _ in evidence.asking(Send):
        new = [
            a for a in one.attempts if a.outcome is Outcome.OK and '"duplicate":false' in a.answer
        ]
        if len(new) > 1:
            yield Violation("new_once", f"{one.key} was taken in as new twice.", (one,))


RULES = (
    every_answer_comes_in_the_end,
    no_answer_is_a_defect,
    the_same_key_gets_the_same_answer,
    each_reserve_is_there_exactly_once,
    no_reservation_is_there_unasked,
    what_was_told_of_is_known,
    events_are_new_at_most_once,
)
