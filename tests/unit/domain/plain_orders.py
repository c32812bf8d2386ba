"""What orders do to the plain book, and what must be answered."""

from collections import Counter

from hub.domain import commands as c
from hub.domain.decide_orders import OrderChange
from hub.domain.errors import (
    InvalidInput,
    OrderLineMismatch,
    ReservationEnded,
    ReservationLineMismatch,
    ReservationNotFound,
    UnknownOrder,
)
from tests.unit.domain.plain_book import (
    Claim,
    Kind,
    PlainBook,
    Step,
    flow,
    line_changes,
    tidy,
)
from tests.unit.domain.plain_checks import as_lines

Settling = c.CancelOrder | c.ShipOrder | c.ReturnOrder

_FIRST: dict[type, tuple[str, ...]] = {
    c.CancelOrder: ("backordered", "allocated"),
    c.CancelReservation: ("backordered", "allocated"),
    c.ShipOrder: ("allocated", "backordered"),
    c.FulfilReservation: ("allocated",),
    c.ReturnOrder: (),
    c.ReturnReservation: (),
}
"""The parts that units are taken from, in this order."""


def place_order(book: PlainBook, command: c.PlaceOrder, step: Step) -> None:
    """Live holds give what the order asks; what neither they nor it cover is allocated or waits."""
    rest = book.asked(as_lines(command.lines))
    if rest is None:
        assert isinstance(step.result, InvalidInput)
        return
    named = dict.fromkeys(line.reservation for line in command.lines if line.reservation)
    unknown = [id for id in named if id not in book.claims]
    if unknown:
        assert step.result == ReservationNotFound(id=unknown[0])
        return
    assert isinstance(step.result, OrderChange)
    lapsed = {id: book.claims[id] for id in named if book.claims[id].lapsed(step.now)}
    for claim in book.of_order(command.order).values():
        for line in claim.lines:
            rest[line.kit, line.sku] -= line.quantity - line.moved - line.held
            if claim.lapsed(step.now) and claim in lapsed.values():
                rest[line.kit, line.sku] -= line.held
    redeemed = False
    for id in named:
        redeemed |= _redeem(book, book.claims[id], command, rest, step, id)
    rest = +rest
    new = step.after.get(command.reservation)
    assert (new is not None) == bool(rest)
    if new is not None:
        whole = flow(step, [command.reservation])
        assert whole.keys() <= {"allocated", "backordered"}
        assert sum(whole.values(), Counter()) == rest
        made = (step.now, command.reservation)
        ordered_at = command.ordered_at or step.now
        book.claims[command.reservation] = Claim(
            command.channel, None, made, step.now, new.lines, command.order, ordered_at
        )
    assert {one.id for one in step.result.reservations} == book.of_order(command.order).keys()
    assert (step.result.note is None) == (redeemed or bool(rest))
    _count_again(book, command, step)


def of_order(book: PlainBook, command: Settling, step: Step) -> None:
    """Cancel, ship or take back what an order has: all that is asked, or nothing."""
    mine = book.of_order(command.order)
    if not mine:
        assert isinstance(step.result, UnknownOrder)
        return
    asked = None if command.lines is None else book.asked(as_lines(command.lines))
    if command.lines is not None and asked is None:
        assert isinstance(step.result, InvalidInput)
        return
    if _settled(book, command, list(mine.values()), asked, step, OrderLineMismatch):
        assert isinstance(step.result, OrderChange)
        assert (step.result.note is None) == bool(step.changed)
        assert step.changed <= mine.keys()
        told = {line.sku: line.location for line in command.lines or ()}
        _move_goods(book, command, step, told)


def of_reservation(book: PlainBook, command: c.AllocationCommand, step: Step) -> None:
    """The same for one reservation."""
    claim = book.claims.get(command.reservation)
    if claim is None:
        assert step.result == ReservationNotFound(id=command.reservation)
        return
    if claim.order is None:
        assert isinstance(step.result, ReservationEnded)
        return
    asked = None if command.lines is None else book.asked(command.lines)
    if command.lines is not None and asked is None:
        assert isinstance(step.result, InvalidInput)
        return
    if _settled(book, command, [claim], asked, step, ReservationLineMismatch):
        assert step.changed <= {command.reservation}
        _move_goods(book, command, step, {})


def _redeem(
    book: PlainBook,
    claim: Claim,
    command: c.PlaceOrder,
    rest: Counter[Kind],
    step: Step,
    id: str,
) -> bool:
    """What an order takes of a hold that it names; whether it takes any."""
    held, waits = claim.units("held"), claim.units("backordered")
    if claim.lapsed(step.now):
        gone = held if claim.order else held + waits
        assert flow(step, [id])["released"] == +gone
        claim.why = "EXPIRED"
        return False
    state = claim.state(step.now)[0]
    part = claim.order == command.order and any(held[k] and rest[k] > 0 for k in held)
    if state != "HELD" and not part:
        return False
    used = Counter({kind: min(n, max(0, rest[kind])) for kind, n in held.items()})
    waiting: Counter[Kind] = Counter()
    spare: Counter[Kind] = Counter()
    if claim.order is None:
        waiting = Counter(
            {kind: min(n, max(0, rest[kind] - used[kind])) for kind, n in waits.items()}
        )
        spare = held - used + (waits - waiting)
    delta = flow(step, [id])
    assert delta.get("allocated", Counter()) == +used
    assert delta.get("released", Counter()) == +spare
    rest.subtract(used + waiting)
    if claim.order is None and not (+used or +waiting):
        claim.why = "NOT_IN_ORDER"
    else:
        claim.order = command.order
        claim.ordered_at = claim.ordered_at or command.ordered_at or step.now
    return True


def _count_again(book: PlainBook, command: c.PlaceOrder, step: Step) -> None:
    """Where the last count left the order out already, its units lie there besides."""
    ordered_at = command.ordered_at or step.now
    for before, line in line_changes(step):
        key = (line.sku, line.location)
        through = book.counted_through.get(key)
        if through is not None and ordered_at <= through:
            book.on_hand[key] += line.allocated - (before.allocated if before else 0)


def _settled(
    book: PlainBook,
    command: Settling | c.AllocationCommand,
    claims: list[Claim],
    asked: Counter[Kind] | None,
    step: Step,
    mismatch: type[Exception],
) -> bool:
    """Whether units were taken as they should be; checks the refusal if they cannot."""
    parts = _FIRST[type(command)]
    left: dict[str, Counter[Kind]] = {
        part: sum((claim.units(part) for claim in claims), Counter()) for part in parts
    }
    there = sum(left.values(), Counter())
    if not parts:
        shipped = sum((claim.units("fulfilled") for claim in claims), Counter[Kind]())
        back = sum((claim.units("returned") for claim in claims), Counter[Kind]())
        there = shipped - back
    if asked is None:
        asked = there
    if any(n > there[kind] for kind, n in asked.items()):
        assert isinstance(step.result, mismatch)
        return False
    expected: dict[str, Counter[Kind]] = {}
    missing = Counter(asked)
    for part in parts:
        taken = Counter({kind: min(n, left[part][kind]) for kind, n in missing.items()})
        expected[part] = Counter({kind: -n for kind, n in taken.items()})
        missing -= taken
    expected[_goal(command)] = Counter(asked)
    assert flow(step, step.changed) == tidy(expected)
    return True


def _goal(command: Settling | c.AllocationCommand) -> str:
    if isinstance(command, c.ShipOrder | c.FulfilReservation):
        return "fulfilled"
    return "released" if isinstance(command, c.CancelOrder | c.CancelReservation) else "returned"


def _move_goods(
    book: PlainBook,
    command: Settling | c.AllocationCommand,
    step: Step,
    told: dict[str, str | None],
) -> None:
    """What was shipped left its location; what came back is where it was told to be."""
    for before, line in line_changes(step):
        place = told.get(line.kit or line.sku) or line.location
        if _goal(command) == "fulfilled":
            shipped = line.fulfilled - (before.fulfilled if before else 0)
            book.on_hand[line.sku, line.location] -= shipped
            assert not shipped or place == line.location
        else:
            book.on_hand[line.sku, place] += line.returned - (before.returned if before else 0)
