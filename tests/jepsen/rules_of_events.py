"""Events: each that was taken in has its effect exactly once, whoever was killed on the way."""

from collections import defaultdict
from collections.abc import Iterator

from tests.jepsen.book import Movement, StoredEvent
from tests.jepsen.evidence import Evidence, Violation
from tests.jepsen.history import Operation, Send


def each_event_is_stored_once_and_worked(evidence: Evidence) -> Iterator[Violation]:
    """What was acknowledged is in the inbox and no longer waits; what was refused is not there;
    what is there was sent."""
    stored: dict[tuple[str, str], list[StoredEvent]] = defaultdict(list)
    for event in evidence.book.events:
        stored[event.source, event.id].append(event)
    for one, sent in evidence.asking(Send):
        entries = stored.pop((sent.source, one.key), [])
        right = "DEAD" if sent.units is None else "APPLIED"
        if one.ok and not entries:
            sentence = f"{one.key} was acknowledged and is not in the inbox."
        elif one.refused and entries:
            sentence = f"{one.key} was refused and is in the inbox."
        elif len(entries) > 1:
            sentence = f"{one.key} is in the inbox {len(entries)} times."
        elif entries and entries[0].state != right:
            sentence = f"{one.key} should be {right} and is {entries[0].state}"
            sentence += f" ({entries[0].error_code})."
        else:
            continue
        yield _violation(sentence, one, evidence)
    for entries in stored.values():
        for event in entries:
            yield Violation("events", f"{event.id} of {event.source} was sent by nobody.")


def each_event_takes_effect_exactly_once(evidence: Evidence) -> Iterator[Violation]:
    """What it moved in the ledger is what it says, once; an event that was never acknowledged has
    moved that or nothing."""
    for one, sent in evidence.asking(Send):
        moved = moved_by(sent, evidence.movements_by_event[name_of(one)])
        if moved == (sent.units or {}) and not one.refused:
            continue
        if not one.ok and not moved:
            continue
        sentence = f"{one.key} ({sent.type}) should have moved {dict(sent.units or {})} once and "
        yield _violation(f"{sentence}has moved {moved}.", one, evidence)


def orders_are_allocated_once(evidence: Evidence) -> Iterator[Violation]:
    """An order that was placed is one allocation, of what it asks for."""
    of_order = defaultdict(list)
    for booked in evidence.book.reservations:
        of_order[booked.order].append(booked)
    for one, sent in evidence.asking(Send):
        if sent.type == "order.placed" and one.ok:
            allocations = [booked.units() for booked in of_order[sent.order]]
            if allocations != [sent.units]:
                sentence = f"Order {sent.order} asks for {sent.units} and has {allocations}."
                yield _violation(sentence, one, evidence)


def name_of(sent: Operation) -> str:
    """What the ledger calls the event of an operation."""
    assert isinstance(sent.asked, Send)
    return f"{sent.asked.source}/{sent.key}"


def moved_by(sent: Send, movements: list[Movement]) -> dict[str, int]:
    """Units of each item that an event has moved, in the sense of its type."""
    moved: dict[str, int] = defaultdict(int)
    for movement in movements:
        if sent.type == "stock.adjusted":
            at_its_place = movement.location == sent.data["location"]
            moved[movement.sku] += movement.on_hand if at_its_place else 0
        elif sent.type == "order.placed":
            moved[movement.sku] += movement.allocated
        elif sent.type == "order.cancelled":
            moved[movement.sku] -= movement.allocated
        elif movement.on_hand == movement.allocated:
            moved[movement.sku] -= movement.on_hand
    return dict(moved)


def _violation(sentence: str, one: Operation, evidence: Evidence) -> Violation:
    return Violation("events", sentence, (one,), tuple(evidence.movements_by_event[name_of(one)]))


RULES = (
    each_event_is_stored_once_and_worked,
    each_event_takes_effect_exactly_once,
    orders_are_allocated_once,
)
