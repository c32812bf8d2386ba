"""What commands do to the holds of the plain book, and what must be answered."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from hub.domain import commands as c
from hub.domain.errors import (
    InsufficientStock,
    InvalidInput,
    ReservationEnded,
    ReservationNotFound,
)
from hub.domain.reservations import Reservation
from hub.domain.values import Quantity
from tests.unit.domain.plain_book import Claim, Key, Kind, PlainBook, Step, flow, line_changes, tidy
from tests.unit.domain.plain_checks import (
    by_sku,
    check_freed,
    check_shortage,
    check_sourcing,
    minus,
    possible,
)


def reserve(book: PlainBook, command: c.Reserve, step: Step) -> None:
    """All is held or waits, or nothing; what the holder holds already does not stand in his way."""
    asked = book.asked(command.lines)
    if asked is None:
        assert isinstance(step.result, InvalidInput)
        return
    own = book.own(command.holder, step.now)
    alone = book.missing(asked, command.channel, {})
    given: Mapping[Key, Quantity] = own if alone else {}
    short = book.missing(asked, command.channel, given)
    if short:
        check_shortage(step, asked, short)
        return
    assert isinstance(step.result, Reservation)
    check_sourcing(book, asked, command.channel, step, given, command.reservation)
    if not alone:
        assert step.changed == {command.reservation}
    for id in step.changed - {command.reservation}:
        claim = book.claims[id]
        assert claim.holder == command.holder
        assert claim.order is None
        assert flow(step, [id]).keys() == {"held", "released"}
        claim.why = "SUPERSEDED"
    ends = step.now + timedelta(seconds=command.ttl_seconds or 0)
    made = (step.now, command.reservation)
    lines = step.result.lines
    book.claims[command.reservation] = Claim(command.channel, command.holder, made, ends, lines)


def change(book: PlainBook, command: c.ChangeReservation, step: Step) -> None:
    """Each kind that is named is brought to its quantity."""
    claim = _claim(book, command, step)
    if claim is None:
        return
    if claim.state(step.now)[0] != "HELD":
        _check_ended(claim, step, "changed")
        return
    asked = book.asked(command.lines)
    if asked is None:
        assert isinstance(step.result, InvalidInput)
        return
    held, waits = claim.units("held"), claim.units("backordered")
    more = Counter({kind: n - held[kind] - waits[kind] for kind, n in asked.items()})
    fewer, more = +Counter({kind: -n for kind, n in more.items()}), +more
    delta = flow(step, [command.reservation])
    given: Counter[Key] = Counter()
    for before, line in line_changes(step):
        if before is not None and line.held < before.held:
            given[line.sku, line.location] += before.held - line.held
    if isinstance(step.result, InsufficientStock):
        # What it would have given back could not be seen: only without it the answer is known.
        assert more
        if not {sku for _, sku in more} & {sku for _, sku in fewer}:
            check_shortage(step, more, book.missing(more, claim.channel, {}))
        return
    assert not book.missing(more, claim.channel, given)
    dropped = Counter({kind: min(n, waits[kind]) for kind, n in fewer.items()})
    for kind in asked:
        assert delta.get("released", Counter())[kind] == fewer[kind]
        got = {part: delta.get(part, Counter())[kind] for part in ("held", "backordered")}
        assert sum(got.values()) == more[kind] - fewer[kind]
        if fewer[kind]:
            assert got["backordered"] == -dropped[kind]
    check_sourcing(book, more, claim.channel, step, given, command.reservation)
    claim.why = "RELEASED"


def extend(book: PlainBook, command: c.ExtendReservation, step: Step) -> None:
    """The end moves later, or not at all."""
    claim = _live(book, command, step, "extended")
    if claim is not None:
        claim.ends = max(claim.ends, step.now + timedelta(seconds=command.ttl_seconds or 0))
        assert step.result.expires_at == claim.ends
        assert flow(step, step.changed) == {}


def commit(book: PlainBook, command: c.CommitReservation, step: Step) -> None:
    """Held units are allocated; what waits does so for the order now, or is given up."""
    known = book.claims.get(command.reservation)
    if known is not None and known.order == command.order and not known.has("held"):
        assert (step.result, step.changed) == (step.before[command.reservation], set())
        return
    claim = _live(book, command, step, "committed")
    if claim is None:
        return
    if claim.order not in (None, command.order):
        _check_ended(claim, step, "committed")
        return
    held, waits = claim.units("held"), claim.units("backordered")
    first = claim.order is None
    there = held + waits if first else held
    asked = there if command.lines is None else book.asked(command.lines)
    if not possible(step, asked, there):
        return
    assert asked is not None
    used = Counter({kind: min(n, held[kind]) for kind, n in asked.items()})
    dropped = waits - (asked - used) if first and command.lines is not None else Counter()
    assert flow(step, step.changed) == tidy(
        {
            "held": minus(used),
            "allocated": used,
            "backordered": minus(dropped),
            "released": dropped,
        }
    )
    claim.order, claim.ordered_at = command.order, claim.ordered_at or step.now


def release(book: PlainBook, command: c.ReleaseReservation, step: Step) -> None:
    """Units are given back, those that wait before those that are held."""
    known = book.claims.get(command.reservation)
    if known is not None and known.state(step.now)[0] == "RELEASED":
        assert (step.result, step.changed) == (step.before[command.reservation], set())
        return
    claim = _live(book, command, step, "released")
    if claim is None:
        return
    held = claim.units("held")
    waits = Counter[Kind]() if claim.order else claim.units("backordered")
    there = held + waits
    asked = there if command.lines is None else book.asked(command.lines)
    if possible(step, asked, there):
        assert asked is not None
        check_freed(step, asked, waits)
        claim.why = "RELEASED"


def expire(book: PlainBook, command: c.ExpireReservation, step: Step) -> None:
    """What is past its end is given back."""
    claim = _claim(book, command, step)
    if claim is None:
        return
    if not claim.lapsed(step.now):
        assert step.changed == set()
        return
    waits = Counter[Kind]() if claim.order else claim.units("backordered")
    check_freed(step, claim.units("held") + waits, waits)
    claim.why = "EXPIRED"


def transfer(book: PlainBook, command: c.TransferReservation, step: Step) -> None:
    """Another location of the pool serves what one held or had allocated."""
    claim = _claim(book, command, step)
    if claim is None:
        return
    state = claim.state(step.now)[0]
    if state not in ("HELD", "COMMITTED"):
        _check_ended(claim, step, "transferred")
        return
    pool = book.room.rules.channel(claim.channel).pool
    if command.to_location not in pool or command.to_location == command.from_location:
        assert isinstance(step.result, InvalidInput)
        return
    there: Counter[Kind] = Counter()
    for line in claim.lines:
        if line.location == command.from_location:
            held = 0 if claim.lapsed(step.now) else line.held
            there[line.kit, line.sku] += held + line.allocated
    asked = there if command.lines is None else book.asked(command.lines)
    if not possible(step, asked, there, InsufficientStock):
        return
    assert asked is not None
    needs = by_sku(asked)
    room = {sku: book.sellable(sku, claim.channel, {})[command.to_location] for sku in needs}
    if any(needs[sku] > room[sku] for sku in needs):
        assert isinstance(step.result, InsufficientStock)
        return
    assert flow(step, step.changed) == {}
    moved: Counter[Kind] = Counter()
    for before, line in line_changes(step):
        units = line.moved - (before.moved if before else 0)
        assert units == 0 or line.location == command.from_location
        moved[line.kit, line.sku] += units
    assert +moved == +asked


def _claim(book: PlainBook, command: c.HoldCommand, step: Step) -> Claim | None:
    claim = book.claims.get(command.reservation)
    if claim is None:
        assert step.result == ReservationNotFound(id=command.reservation)
    return claim


def _live(book: PlainBook, command: c.HoldCommand, step: Step, verb: str) -> Claim | None:
    claim = _claim(book, command, step)
    if claim is not None and not claim.live(step.now):
        _check_ended(claim, step, verb)
        return None
    return claim


def _check_ended(claim: Claim, step: Step, verb: str) -> None:
    state, reason = claim.state(step.now)
    if state == "COMMITTED" or claim.lapsed(step.now):
        assert isinstance(step.result, ReservationEnded)
        assert step.result.verb == verb
        return
    id = claim.made[1]
    assert step.result == ReservationEnded(id=id, state=state, reason=reason, verb=verb)
