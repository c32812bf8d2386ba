"""The plain model: told a command and its result, it says whether that is right, and counts on."""

from collections import Counter
from datetime import datetime, timedelta

from hub.domain import commands as c
from hub.domain.decide import Result
from hub.domain.decide_stock import CLOCK_TOLERANCE
from hub.domain.errors import (
    InsufficientStock,
    InvalidInput,
    ReservationEnded,
    ReservationNotFound,
    VersionConflict,
)
from hub.domain.values import Sku, quantity_text
from tests.unit.domain.plain_book import Claim, Key, PlainBook, shares_of, spread
from tests.unit.domain.plain_orders import place_order, settle

_VERBS: dict[type[c.ReservationCommand], str] = {
    c.ExtendReservation: "extended",
    c.CommitReservation: "committed",
    c.ReleaseReservation: "released",
}


def follow(book: PlainBook, command: c.Command, result: Result, now: datetime) -> None:
    """Check the result of a command, and note what it did."""
    match command:
        case c.Reserve():
            _reserve(book, command, result, now)
        case c.SetStock():
            _set_stock(book, command, result, now)
        case c.AdjustStock():
            book.on_hand[_key(command)] += command.delta
            book.changes[_key(command)] += 1
        case c.ScheduleSupply():
            _schedule(book, command, result)
        case c.ReceiveSupply():
            _receive(book, command)
        case c.PlaceOrder():
            place_order(book, command, result, now)
        case c.CancelOrder() | c.ShipOrder() | c.ReturnOrder():
            settle(book, command, result)
        case _:
            claim = book.claims.get(command.reservation)
            if claim is None:
                assert result == ReservationNotFound(id=command.reservation)
            elif isinstance(command, c.ExpireReservation):
                if claim.over is None and claim.state(now)[0] == "EXPIRED":
                    book.give_back(claim, "EXPIRED", "EXPIRED")
            else:
                _change_hold(book, claim, command, result, now)


def _reserve(book: PlainBook, command: c.Reserve, result: Result, now: datetime) -> None:
    demand: Counter[Sku] = Counter()
    for sku, quantity in command.lines:
        step = book.room.items[sku].quantity_step
        if quantity % step:
            problem = f"{sku} is sold in steps of {quantity_text(step)}"
            assert result == InvalidInput(field="quantity", problem=problem)
            return
        demand[sku] += quantity
    there = {sku: book.sellable(sku, command.channel) for sku in demand}
    lines = [
        {"sku": sku, "requested": asked, "available": sum(there[sku].values())}
        for sku, asked in demand.items()
        if sum(there[sku].values()) < asked
    ]
    if lines:
        assert result == InsufficientStock(lines=lines)
        return
    for sku, asked in demand.items():
        assert shares_of(result, sku) == spread(asked, there[sku])
    book.claim(result, now + timedelta(seconds=command.ttl_seconds))


def _change_hold(
    book: PlainBook,
    claim: Claim,
    command: c.ExtendReservation | c.CommitReservation | c.ReleaseReservation,
    result: Result,
    now: datetime,
) -> None:
    state, reason = claim.state(now)
    if isinstance(command, c.CommitReservation) and claim.order == command.order:
        return
    if isinstance(command, c.ReleaseReservation) and state == "RELEASED":
        return
    if state != "HELD":
        verb = _VERBS[type(command)]
        assert result == ReservationEnded(
            id=command.reservation, state=state, reason=reason, verb=verb
        )
    elif isinstance(command, c.ExtendReservation):
        claim.ends = max(claim.ends, now + timedelta(seconds=command.ttl_seconds))
        assert result.expires_at == claim.ends
    elif isinstance(command, c.CommitReservation):
        book.hand_over(claim, command.order)
    else:
        book.give_back(claim, "RELEASED", command.reason or "RELEASED")


def _set_stock(book: PlainBook, command: c.SetStock, result: Result, now: datetime) -> None:
    key = _key(command)
    changes = book.changes[key]
    if command.if_version is not None and command.if_version != changes:
        assert result == VersionConflict(expected=command.if_version, actual=changes)
        return
    as_of, newest = command.as_of or now, book.counted_at.get(key)
    if as_of > now + CLOCK_TOLERANCE:
        assert isinstance(result, InvalidInput)
        return
    assert result.applied == (newest is None or as_of >= newest)
    if result.applied:
        book.counted_at[key] = as_of
        book.on_hand[key] = command.on_hand
        if command.unavailable is not None:
            book.unavailable[key] = command.unavailable
        book.changes[key] += 1


def _schedule(book: PlainBook, command: c.ScheduleSupply, result: Result) -> None:
    document = (*_key(command), command.document)
    known = book.documents.get(document)
    told = None if known is None else (known.quantity, known.eta)
    assert result.applied == (told != (command.quantity, command.eta))
    if result.applied:
        book.documents[document] = command
        book.changes[_key(command)] += 1


def _receive(book: PlainBook, command: c.ReceiveSupply) -> None:
    book.on_hand[_key(command)] += command.quantity
    book.changes[_key(command)] += 1
    document = (*_key(command), command.document)
    if document in book.documents:
        book.arrived[document] += command.quantity


def _key(command: c.StockCommand) -> Key:
    return (command.sku, command.location)
