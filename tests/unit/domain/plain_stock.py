"""What counts, receipts and those who wait do to the plain book, and what must be answered."""

from datetime import datetime

from hub.domain import commands as c
from hub.domain.decide_stock import CLOCK_TOLERANCE
from hub.domain.errors import (
    InsufficientStock,
    InvalidInput,
    StockConflict,
    UnknownOrder,
    UnknownSupply,
    VersionConflict,
)
from hub.domain.supply import in_order
from hub.domain.values import Quantity
from tests.unit.domain.plain_book import Claim, Expected, Key, PlainBook, Step, flow, line_changes


def count(book: PlainBook, command: c.SetStock, step: Step) -> None:
    """A count replaces what was there; orders that it left out are on the shelf all the same."""
    key = _key(command)
    if command.if_on_hand is not None and command.if_on_hand != book.on_hand[key]:
        assert isinstance(step.result, StockConflict | VersionConflict)
        return
    if isinstance(step.result, VersionConflict):
        assert command.if_version not in (None, step.result.actual)
        return
    if command.on_hand % book.room.items[command.sku].quantity_step:
        assert isinstance(step.result, InvalidInput)
        return
    as_of, newest = command.as_of or step.now, book.counted_at.get(key)
    if as_of > step.now + CLOCK_TOLERANCE:
        assert isinstance(step.result, InvalidInput)
        return
    if newest is not None and as_of < newest:
        assert step.result.applied is False
        return
    on_hand, through = command.on_hand, None
    if command.has_watermark:
        through = _moment(book, command)
        if through is None:
            assert isinstance(step.result, UnknownOrder)
            return
        on_hand += _taken_off(book, key, through)
    assert step.result.applied
    book.counted_at[key], book.counted_through[key] = as_of, through
    book.on_hand[key] = on_hand
    if command.unavailable is not None:
        book.unavailable[key] = command.unavailable


def adjust(book: PlainBook, command: c.AdjustStock, step: Step) -> None:
    """A change is added."""
    if _whole(book, command.sku, command.delta, step):
        book.on_hand[_key(command)] += command.delta


def mark(book: PlainBook, command: c.MarkUnavailable, step: Step) -> None:
    """Units are out of sale, or back in it, but never more than were out."""
    if not _whole(book, command.sku, command.quantity, step):
        return
    if book.unavailable[_key(command)] + command.quantity < 0:
        assert isinstance(step.result, InvalidInput)
    else:
        book.unavailable[_key(command)] += command.quantity


def carry(book: PlainBook, command: c.TransferStock, step: Step) -> None:
    """Units that nobody claims or waits for go from one location to another."""
    if command.from_location == command.to_location:
        assert isinstance(step.result, InvalidInput)
        return
    if not _whole(book, command.sku, command.quantity, step):
        return
    start = (command.sku, command.from_location)
    if book.free(start) - book.sum_of("backordered", start) < command.quantity:
        assert isinstance(step.result, InsufficientStock)
        return
    assert step.result.applied
    book.on_hand[start] -= command.quantity
    book.on_hand[command.sku, command.to_location] += command.quantity


def schedule(book: PlainBook, command: c.ScheduleSupply, step: Step) -> None:
    """A document promises what it was last said to."""
    known = book.documents.get((*_key(command), command.document))
    if _whole(book, command.sku, command.quantity, step):
        _say(book, command, known, command.quantity, command.eta, step)


def reschedule(book: PlainBook, command: c.ChangeSupply, step: Step) -> None:
    """The same; what is not said stays."""
    known = book.documents.get((*_key(command), command.document))
    if known is None:
        assert isinstance(step.result, UnknownSupply)
        return
    quantity = known.quantity if command.quantity is None else command.quantity
    stale = _older(command.told_at, known)
    if stale or _whole(book, command.sku, command.quantity or 0, step):
        _say(book, command, known, quantity, command.eta or known.eta, step)


def call_off(book: PlainBook, command: c.CancelSupply, step: Step) -> None:
    """A document promises no more than what has come."""
    known = book.documents.get((*_key(command), command.document))
    if known is None:
        assert isinstance(step.result, UnknownSupply)
        return
    more = known.quantity > known.came and not _older(command.told_at, known)
    assert step.result.applied == more
    if more:
        told_at = command.told_at or step.now
        document = (*_key(command), command.document)
        book.documents[document] = known._replace(quantity=known.came, told_at=told_at)


def receive(book: PlainBook, command: c.ReceiveSupply, step: Step) -> None:
    """Units came, expected or not."""
    if _whole(book, command.sku, command.quantity, step):
        document = (*_key(command), command.document)
        known = book.documents.get(document) or Expected(0, 0, step.now, None)
        book.documents[document] = known._replace(came=known.came + command.quantity)
        book.on_hand[_key(command)] += command.quantity


def settle(book: PlainBook, command: c.SettleBackorders, step: Step) -> None:
    """Free units go to those who came first, and the dates of the others follow the supply."""
    assert {one.id for one in step.result} == step.changed
    for id in step.changed:
        claim = book.claims[id]
        assert claim.order is not None or not claim.lapsed(step.now)
        delta = flow(step, [id])
        got = "allocated" if claim.order else "held"
        assert delta.keys() in ({got, "backordered"}, set())
        if delta:
            assert {k: -n for k, n in delta["backordered"].items()} == delta[got]
    filled = {
        (line.location, id)
        for id in step.changed
        for before, line in zip(step.before[id].lines, step.after[id].lines, strict=False)
        if before.backordered - line.backordered > line.moved - before.moved
    }
    for place in book.room.rules.locations:
        line_up = [
            (claim.made, id)
            for id, claim in book.claims.items()
            if _waits(step, id, claim, command.sku, place)
        ]
        for _, id in line_up:
            later = {other for made, other in line_up if made > book.claims[id].made}
            still = {other for location, other in filled if location == place}
            assert not later & still, "one who came later was served before"
        _check_dates(book, step, command.sku, place, [id for _, id in sorted(line_up)])
        if line_up:
            used = sum(
                line.held + line.allocated - (before.held + before.allocated if before else 0)
                for before, line in line_changes(step)
                if (line.sku, line.location) == (command.sku, place)
            )
            assert book.free((command.sku, place)) - used <= 0, "units lie there while some wait"


def _check_dates(book: PlainBook, step: Step, sku: str, place: str, line_up: list[str]) -> None:
    """Each is promised what the supply brings, in the order of its dates, once those before him
    have theirs."""
    supply = [
        one for one in book.room.supply_lines.values() if (one.sku, one.location) == (sku, place)
    ]
    promised: Quantity = 0
    for id in line_up:
        for line in step.after[id].lines:
            if (line.sku, line.location) == (sku, place) and line.backordered:
                promised += line.backordered
                came: Quantity = 0
                due: tuple[str | None, datetime | None] = (None, None)
                for one in in_order(supply):
                    came += one.open
                    if came >= promised:
                        due = (one.document, one.eta)
                        break
                assert (line.document, line.promised_at) == due


def _waits(step: Step, id: str, claim: Claim, sku: str, place: str) -> bool:
    """Whether a claim is still in line at a location after the step."""
    if claim.order is None and claim.lapsed(step.now):
        return False
    return any(
        line.backordered and (line.sku, line.location) == (sku, place)
        for line in step.after[id].lines
    )


def _say(
    book: PlainBook,
    command: c.ScheduleSupply | c.ChangeSupply,
    known: Expected | None,
    quantity: Quantity,
    eta: datetime,
    step: Step,
) -> None:
    if known is not None and _older(command.told_at, known):
        assert step.result.applied is False
        return
    same = known is not None and (known.quantity, known.eta) == (quantity, eta)
    assert step.result.applied == (not same)
    if not same:
        came = known.came if known is not None else 0
        told_at = command.told_at or step.now
        book.documents[*_key(command), command.document] = Expected(quantity, came, eta, told_at)


def _older(told_at: datetime | None, known: Expected) -> bool:
    return told_at is not None and known.told_at is not None and told_at < known.told_at


def _moment(book: PlainBook, command: c.SetStock) -> datetime | None:
    if command.includes_orders_to is not None:
        return command.includes_orders_to
    moments = [
        claim.ordered_at
        for claim in book.claims.values()
        if claim.order == command.includes_order and claim.ordered_at is not None
    ]
    return max(moments, default=None) if command.includes_order else None


def _taken_off(book: PlainBook, key: Key, through: datetime) -> Quantity:
    units: Quantity = 0
    for claim in book.claims.values():
        if claim.ordered_at is not None:
            for line in claim.lines:
                if (line.sku, line.location) == key:
                    early = claim.ordered_at <= through
                    units += line.allocated if early else line.returned - line.fulfilled
    return units


def _whole(book: PlainBook, sku: str, quantity: Quantity, step: Step) -> bool:
    if quantity % book.room.items[sku].quantity_step:
        assert isinstance(step.result, InvalidInput)
        return False
    return True


def _key(command: c.CountCommand | c.SupplyCommand) -> Key:
    return (command.sku, command.location)
