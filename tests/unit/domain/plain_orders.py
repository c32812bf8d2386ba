"""What orders do to the plain book, and what must be answered."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from hub.domain.commands import CancelOrder, OrderLine, PlaceOrder, ReturnOrder, ShipOrder
from hub.domain.decide import Result
from hub.domain.decide_orders import OrderChange
from hub.domain.errors import OrderLineMismatch, ReservationNotFound, UnknownOrder
from hub.domain.values import ChannelId, LocationId, Quantity, Sku, quantity_text
from tests.unit.domain.plain_book import (
    Part,
    PlainBook,
    Shares,
    in_turn,
    part_of,
    shares_of,
    spread,
)

SettlingCommand = CancelOrder | ShipOrder | ReturnOrder

_WHAT_SETTLES: dict[type[SettlingCommand], tuple[str, Callable[[Part], Quantity]]] = {
    CancelOrder: ("cancelled", lambda part: part.waiting),
    ShipOrder: ("shipped", lambda part: part.waiting),
    ReturnOrder: ("returned", lambda part: part.shipped - part.back),
}


def place_order(book: PlainBook, command: PlaceOrder, result: Result, now: datetime) -> None:
    """Live holds give what the order asks; what neither they nor it cover is allocated."""
    named = [line.reservation for line in command.lines if line.reservation is not None]
    unknown = [id for id in named if id not in book.claims]
    if unknown:
        assert result == ReservationNotFound(id=unknown[0])
        return
    claims = {id: book.claims[id] for id in named}
    live = [one for one in claims.values() if one.state(now)[0] == "HELD"]
    for claim in claims.values():
        if claim.over is None and claim.state(now)[0] == "EXPIRED":
            book.give_back(claim, "EXPIRED", "EXPIRED")
    rest: Counter[Sku] = Counter()
    for line in command.lines:
        rest[line.sku] += line.quantity
    for claim in book.of_order(command.order).values():
        for part in claim.parts:
            rest[part.sku] -= part.quantity
    for claim in live:
        book.redeem(claim, command.order, rest)
    rest = +rest
    if rest:
        new = next(one for one in result.reservations if one.id == command.reservation)
        for sku, units in rest.items():
            assert shares_of(new, sku) == _allocation(book, sku, units, command.channel)
        book.claim(new, now)
    assert {one.id for one in result.reservations} == book.of_order(command.order).keys()
    assert (result.note is None) == bool(live or rest)


def settle(book: PlainBook, command: SettlingCommand, result: Result) -> None:
    """Cancel, ship or take back: all that is asked, or nothing."""
    verb, possible = _WHAT_SETTLES[type(command)]
    mine = book.of_order(command.order)
    if not mine:
        assert result == UnknownOrder(order=command.order, verb=verb)
        return
    left: Counter[Sku] = Counter()
    for claim in mine.values():
        for part in claim.parts:
            left[part.sku] += possible(part)
    asked = {line.sku: line for line in command.lines or ()}
    for sku, line in asked.items():
        if line.quantity > left[sku]:
            assert result == OrderLineMismatch(
                order=command.order,
                sku=sku,
                verb=verb,
                asked=quantity_text(line.quantity),
                possible=quantity_text(left[sku]),
            )
            return
    wanted = {sku: line.quantity for sku, line in asked.items()} or dict(+left)
    assert isinstance(result, OrderChange)
    assert (result.note is None) == bool(wanted)
    assert _moved(book, command, result, possible, asked) == wanted


def _allocation(book: PlainBook, sku: Sku, asked: Quantity, channel: ChannelId) -> Shares:
    there = book.sellable(sku, channel)
    if sum(there.values()) >= asked:
        return spread(asked, there)
    pool = book.room.rules.channel(channel).pool
    shares = in_turn(asked, {place: max(0, book.free((sku, place))) for place in pool})
    missing = asked - sum(shares.values())
    if missing:
        shares[pool[0]] = shares.get(pool[0], 0) + missing
    return shares


def _moved(
    book: PlainBook,
    command: SettlingCommand,
    result: OrderChange,
    possible: Callable[[Part], Quantity],
    asked: dict[Sku, OrderLine],
) -> Counter[Sku]:
    """Note how the result spreads an event over the parts; the units moved, by item."""
    moved: Counter[Sku] = Counter()
    for reservation in result.reservations:
        parts = book.claims[reservation.id].parts
        for part, line in zip(parts, reservation.lines, strict=True):
            units = possible(part) - possible(part_of(line))
            assert 0 <= units <= possible(part)
            if units:
                moved[part.sku] += units
                told = asked[part.sku].location if part.sku in asked else None
                _move(book, command, part, units, told or part.location)
    return moved


def _move(
    book: PlainBook, command: SettlingCommand, part: Part, units: Quantity, place: LocationId
) -> None:
    if isinstance(command, ReturnOrder):
        part.back += units
        book.on_hand[(part.sku, place)] += units
        book.changes[(part.sku, place)] += 1
        return
    part.waiting -= units
    book.changes[part.key] += 1
    if isinstance(command, ShipOrder):
        part.shipped += units
        book.on_hand[(part.sku, place)] -= units
        if place != part.location:
            book.changes[(part.sku, place)] += 1
