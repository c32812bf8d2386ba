"""The bank: what was put in is what is there, entry by entry, and nothing is sold twice.

Each entry of the ledger is explained by what a client asked for; the positions are then worked out
anew from what the clients asked, in the ledger's order, and must come out the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tests.jepsen.book import Movement
from tests.jepsen.evidence import CLOCK_TOLERANCE_SECONDS, Evidence, Violation
from tests.jepsen.history import (
    AdjustStock,
    Asked,
    Commit,
    Operation,
    Outcome,
    Release,
    Reserve,
    Send,
    SetStock,
)

_EVENT_KINDS = {
    "stock.adjusted": "ADJUSTED",
    "order.placed": "ALLOCATED",
    "order.cancelled": "DEALLOCATED",
    "order.shipped": "SHIPPED",
}
_BY_REASON: dict[str, type[Asked]] = {
    "COUNTED": SetStock,
    "ADJUSTED": AdjustStock,
    "RELEASED": Release,
}


def explained(movement: Movement, evidence: Evidence) -> tuple[bool, Operation | None]:
    """Whether an entry is rightly there, and the operation that asked for it; the end of a hold
    whose time is over needs none."""
    if movement.source_event is not None:
        source, _, key = movement.source_event.partition("/")
        one = evidence.by_key.get(key)
        if one is None or not isinstance(one.asked, Send):
            return False, None
        return one.asked.source == source and movement.kind == _EVENT_KINDS[one.asked.type], one
    if movement.kind == "EXPIRED":
        return movement.reservation in evidence.reservations, None
    one = _asker(movement, evidence)
    return one is not None and not one.refused, one


def _asker(movement: Movement, evidence: Evidence) -> Operation | None:
    if movement.kind in _BY_REASON:
        one = evidence.by_key.get(movement.reason or "")
        return one if one and isinstance(one.asked, _BY_REASON[movement.kind]) else None
    booked = evidence.reservations.get(movement.reservation or "")
    if movement.kind == "RESERVED" and booked is not None:
        one = evidence.by_key.get(booked.holder or "")
        return one if one and isinstance(one.asked, Reserve) else None
    if movement.kind == "ALLOCATED" and booked is not None:
        for one, asked in evidence.commits_of(booked.id):
            if asked.order == movement.order:
                return one
    return None


def positions_are_what_was_put_in_and_taken_out(evidence: Evidence) -> Iterator[Violation]:
    """Every entry explained, every position worked out anew, and no hold beyond what is free."""
    booked = {position[:2]: position for position in evidence.book.positions}
    for place in sorted(booked.keys() | evidence.movements_at.keys()):
        where = f"{place[0]} at {place[1]}"
        movements = evidence.movements_at.get(place, [])
        on_hand = allocated = reserved = 0
        for number, movement in enumerate(movements, start=1):
            rightly, one = explained(movement, evidence)
            shown = (one,) if one else ()
            if not rightly or movement.version != number:
                sentence = f"Entry {number} of {where} was asked for by nobody."
                yield Violation("unasked", sentence, shown, (movement,))
            delta = _on_hand_delta(movement, one, on_hand)
            if delta != movement.on_hand:
                sentence = f"Entry {number} of {where} moved {movement.on_hand}, not {delta}."
                yield Violation("bank", sentence, shown, (movement,))
            on_hand += delta
            allocated += movement.allocated
            reserved += movement.reserved
            free = on_hand - allocated - reserved
            if movement.kind == "RESERVED" and free < 0:
                sentence = f"{where} was oversold by {-free}."
                yield Violation("oversold", sentence, shown, tuple(movements[:number][-8:]))
        worked_out = (on_hand, allocated, reserved, len(movements))
        if place not in booked or worked_out != booked[place][2:]:
            sentence = f"{where} should have {worked_out} on hand, allocated, reserved and version"
            yield Violation(
                "bank",
                f"{sentence}; it has {booked.get(place)}.",
                movements=tuple(movements[-8:]),
            )


def _on_hand_delta(movement: Movement, one: Operation | None, on_hand: int) -> int:
    """What an entry must change on hand, by what the client asked for."""
    asked = one.asked if one else None
    if isinstance(asked, SetStock):
        return asked.on_hand - on_hand
    if isinstance(asked, AdjustStock):
        return asked.delta
    if isinstance(asked, Send) and asked.type == "stock.adjusted":
        return (asked.units or {}).get(movement.sku, 0)
    if isinstance(asked, Send) and asked.type == "order.shipped":
        return movement.allocated
    return 0


def each_stock_change_is_in_the_ledger_once(evidence: Evidence) -> Iterator[Violation]:
    """A lost acknowledgement, a change made twice, and a refusal that was carried out all the
    same."""
    for one in evidence.operations:
        if not isinstance(one.asked, SetStock | AdjustStock):
            continue
        entries = evidence.movements_because[one.key]
        nothing_to_do = isinstance(one.asked, SetStock) and one.told.get("applied") is False
        if len(entries) > 1 or (one.refused and entries):
            sentence = f"{one.key} is {one.outcome} and is in the ledger {len(entries)} times."
        elif one.ok and not entries and not nothing_to_do:
            sentence = f"{one.key} was acknowledged and is not in the ledger."
        elif entries and entries[0][:2] != (one.asked.sku, one.asked.location):
            sentence = f"{one.key} moved another position than it was asked to."
        elif one.ok and entries and one.told["position"]["version"] != entries[0].version:
            sentence = f"{one.key} was told another version than that of its entry."
        else:
            continue
        yield Violation("lost_or_doubled", sentence, (one,), tuple(entries))


def claims_are_what_reservations_say(evidence: Evidence) -> Iterator[Violation]:
    """Reserved and allocated of each position are the sums over the reservations."""
    held: dict[tuple[str, str], int] = defaultdict(int)
    allocated: dict[tuple[str, str], int] = defaultdict(int)
    for booked in evidence.book.reservations:
        for line in booked.lines:
            held[line.sku, line.location] += line.held
            allocated[line.sku, line.location] += line.allocated
    for position in evidence.book.positions:
        place = position[:2]
        if (position.reserved, position.allocated) != (held[place], allocated[place]):
            sentence = f"{position} but reservations hold {held[place]}"
            yield Violation("claims", f"{sentence} and orders wait for {allocated[place]}.")


def the_ledger_keeps_the_order_of_time(evidence: Evidence) -> Iterator[Violation]:
    """What was answered before something else was asked for comes before it in the ledger."""
    for (sku, location), movements in evidence.movements_at.items():
        latest: tuple[Operation, Movement] | None = None
        for movement in movements:
            _, one = explained(movement, evidence)
            if one is None or movement.source_event is not None:
                continue
            if latest is not None and one.completed < latest[0].invoked:
                sentence = f"{sku} at {location}: {latest[0].key} was asked for after {one.key} "
                yield Violation(
                    "order_of_time",
                    f"{sentence} was done, and yet is before it.",
                    (one, latest[0]),
                    (latest[1], movement),
                )
            if latest is None or one.invoked > latest[0].invoked:
                latest = one, movement


def holds_never_exceed_what_could_be_there(evidence: Evidence) -> Iterator[Violation]:
    """By what clients saw alone, without the ledger: units that were certainly held or sold at one
    time, against all that could have been put in by then. For items that only these clients put
    in and take out; orders from outside and counts downwards may rightly exceed stock."""
    outside = {sku for _, sent in evidence.asking(Send) for sku in _moved_from_outside(sent)}
    changes: dict[str, list[_Change]] = defaultdict(list)
    opened = set()
    for one in evidence.operations:
        asked = one.asked
        if isinstance(asked, SetStock) and not one.refused:
            if (asked.sku, asked.location) in opened:
                outside.add(asked.sku)
            opened.add((asked.sku, asked.location))
            changes[asked.sku].append(_Change(one.invoked, 0, asked.on_hand, one))
        elif isinstance(asked, AdjustStock) and not one.refused:
            if asked.delta < 0:
                outside.add(asked.sku)
            changes[asked.sku].append(_Change(one.invoked, 0, asked.delta, one))
        elif isinstance(asked, Reserve) and one.ok:
            until = _certain_until(one, evidence)
            for sku, units in asked.lines.items() if until > one.completed else ():
                changes[sku].append(_Change(one.completed, 2, -units, one))
                changes[sku].append(_Change(until, 1, units, one))
    for sku in changes.keys() - outside:
        in_time = sorted(changes[sku], key=lambda change: change[:2])
        left = 0
        for number, change in enumerate(in_time, start=1):
            left += change.units
            if left < 0:
                sentence = f"{-left} more of {sku} were held or sold than there could be."
                yield Violation(
                    "oversold", sentence, tuple(one.by for one in in_time[:number][-8:])
                )
                break


class _Change(NamedTuple):
    """Units that become possible, or are certainly taken, or may be free again, in this order
    where several come at one time."""

    at: float
    rank: int
    units: int
    by: Operation


def _moved_from_outside(sent: Send) -> list[str]:
    moves = sent.type in ("order.placed", "stock.adjusted")
    return list(sent.units or {}) if moves else []


def _certain_until(made: Operation, evidence: Evidence) -> float:
    id = made.reservation["id"]
    committed = [one for one, _ in evidence.commits_of(id) if one.ok]
    if committed:
        return float("inf")
    given_back = [
        one.invoked
        for one in evidence.about[id]
        if isinstance(one.asked, Release | Commit) and one.outcome is not Outcome.REFUSED
    ]
    return min([evidence.told_end_of(made) - CLOCK_TOLERANCE_SECONDS, *given_back])


RULES = (
    positions_are_what_was_put_in_and_taken_out,
    each_stock_change_is_in_the_ledger_once,
    claims_are_what_reservations_say,
    the_ledger_keeps_the_order_of_time,
    holds_never_exceed_what_could_be_there,
)
