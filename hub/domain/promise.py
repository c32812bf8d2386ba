"""When so many units can be had: from stock now, then from what comes in, then some day.

The same line of those who wait and the same supply decide here as decide in a reservation
(`hub.domain.supply`), so that what is told before an order is what the order gets.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from hub.domain.item import Item
from hub.domain.sellable import in_kits
from hub.domain.supply import SupplyLine, pegs_for
from hub.domain.values import LocationId, Quantity


class PromiseKind(StrEnum):
    """Where promised units come from."""

    STOCK = "STOCK"
    SUPPLY = "SUPPLY"
    PREORDER = "PREORDER"
    BACKORDER = "BACKORDER"


class PromiseLine(NamedTuple):
    """So many units, and when they can be had."""

    quantity: Quantity | None
    """None for an audience that is told bands."""
    kind: PromiseKind
    date: datetime | None = None
    """When they are expected; None for stock, and where nobody has named a date."""
    document: str | None = None
    """The supply document that brings them, if one is known that does."""


Promise = tuple[PromiseLine, ...]


class ComponentPromise(NamedTuple):
    """When the `requested` units of a component of a kit can be had."""

    promise: Promise
    requested: Quantity
    per_kit: Quantity


def promise_of(
    requested: Quantity,
    in_stock: Quantity,
    orderable: Quantity,
    waiting: Mapping[LocationId, Quantity],
    supply: Iterable[SupplyLine],
    released_at: datetime | None,
    now: datetime,
) -> Promise:
    """When `requested` units can be had, or as many of them as are `orderable` in all.

    `in_stock` of those can be had now; `waiting` units of each location are promised beyond stock
    already, and come first.
    """
    from_stock = min(requested, in_stock, orderable)
    beyond = min(requested, orderable) - from_stock
    lines = [PromiseLine(from_stock, PromiseKind.STOCK)] if from_stock > 0 else []
    if beyond > 0:
        pegs = pegs_for(beyond, supply, dict(waiting), home="")
        later = [_line(peg.quantity, peg.promised_at, peg.document, now) for peg in pegs]
        # What is late already has no date any more, and stands with what never had one.
        lines += sorted(later, key=lambda line: line.date is None)
    return _released(tuple(lines), released_at, now)


def promise_of_kits(
    kit: Item, parts: Sequence[ComponentPromise], most: Quantity, now: datetime
) -> Promise:
    """When kits can be had, at most so many: each when the last of its components is there."""
    if most <= 0:
        return ()
    lines = _slowest_of([_in_kits(part, kit, most) for part in parts])
    return _released(lines, kit.released_at, now)


def _in_kits(part: ComponentPromise, kit: Item, most: Quantity) -> list[PromiseLine]:
    """The promise of a component, counted in at most so many kits."""
    lines: list[PromiseLine] = []
    units, kits = 0, 0
    for line in part.promise:
        units += line.quantity or 0
        # Of what is asked for, the last part is enough for the last kit.
        enough = units >= part.requested
        whole = most if enough else min(most, in_kits(units, part.per_kit, kit))
        if whole > kits:
            lines.append(line._replace(quantity=whole - kits))
            kits = whole
    return lines


def _slowest_of(parts: Sequence[Sequence[PromiseLine]]) -> Promise:
    in_all = min(sum(line.quantity or 0 for line in lines) for lines in parts)
    ends = sorted({end for lines in parts for end in _ends(lines) if end <= in_all})
    found: list[PromiseLine] = []
    start = 0
    for end in ends:
        if end > start:
            slowest = max((_covering(lines, end) for lines in parts), key=_readiness)
            found.append(slowest._replace(quantity=end - start))
            start = end
    return tuple(found)


def _released(lines: Promise, released_at: datetime | None, now: datetime) -> Promise:
    # Of an item that is sold before its release nothing leaves before that.
    if released_at is None or released_at <= now:
        return lines
    return tuple(
        line._replace(kind=PromiseKind.PREORDER, date=max(released_at, line.date or released_at))
        for line in lines
    )


def _line(
    quantity: Quantity, date: datetime | None, document: str | None, now: datetime
) -> PromiseLine:
    if date is not None and date > now:
        return PromiseLine(quantity, PromiseKind.SUPPLY, date, document)
    return PromiseLine(quantity, PromiseKind.BACKORDER, None, document)


def _ends(lines: Sequence[PromiseLine]) -> list[Quantity]:
    reached = 0
    return [reached := reached + (line.quantity or 0) for line in lines]


def _covering(lines: Sequence[PromiseLine], place: Quantity) -> PromiseLine:
    return next(line for line, end in zip(lines, _ends(lines), strict=True) if end >= place)


_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def _readiness(line: PromiseLine) -> tuple[bool, bool, datetime]:
    stock = line.kind is PromiseKind.STOCK
    return not stock, not stock and line.date is None, line.date or _LONG_AGO
