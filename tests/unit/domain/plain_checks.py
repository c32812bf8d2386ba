"""What the model checks of more than one command: what can be taken, and where it comes from."""

from collections import Counter
from collections.abc import Mapping

from hub.domain import commands as c
from hub.domain.errors import InsufficientStock, InvalidInput, ReservationLineMismatch
from hub.domain.reservations import Reservation
from hub.domain.values import Line, LocationId, Quantity, Sku
from tests.unit.domain.plain_book import Key, Kind, PlainBook, Step, flow, tidy


def possible(
    step: Step,
    asked: Counter[Kind] | None,
    there: Mapping[Kind, Quantity],
    *besides: type[Exception],
) -> bool:
    """Whether so much can be taken; checks the refusal if not."""
    if asked is None:
        assert isinstance(step.result, InvalidInput)
        return False
    if any(n > there.get(kind, 0) for kind, n in asked.items()):
        assert isinstance(step.result, ReservationLineMismatch)
        return False
    assert isinstance(step.result, (Reservation, *besides))
    return True


def check_freed(step: Step, asked: Counter[Kind], waits: Counter[Kind]) -> None:
    """So much was given back, of what waits first."""
    dropped = Counter({kind: min(n, waits[kind]) for kind, n in asked.items()})
    assert flow(step, step.changed) == tidy(
        {"backordered": minus(dropped), "held": minus(asked - dropped), "released": asked}
    )


def check_shortage(
    step: Step, asked: Mapping[Kind, Quantity], short: Mapping[Sku, tuple[Quantity, Quantity]]
) -> None:
    """Each item that falls short is named with what there is, in the words of the request."""
    assert isinstance(step.result, InsufficientStock), (step.result, short)
    if all(kit is None for kit, _ in asked):
        assert step.result.lines == [
            {"sku": sku, "requested": wanted, "available": there}
            for sku, (wanted, there) in short.items()
        ]


def check_sourcing(
    book: PlainBook,
    asked: Mapping[Kind, Quantity],
    channel: str,
    step: Step,
    given: Mapping[Key, Quantity],
    id: str,
) -> None:
    """All that was asked for is held where it can be sold, and only the rest waits."""
    rules = book.room.rules
    took: Counter[Key] = Counter()
    waits: Counter[Sku] = Counter()
    before = step.before.get(id)
    for line in step.after[id].lines:
        known = before.lines[line.line] if before and line.line < len(before.lines) else None
        took[line.sku, line.location] += max(0, line.held - (known.held if known else 0))
        waits[line.sku] += max(0, line.backordered - (known.backordered if known else 0))
        assert known is not None or line.location in rules.channel(channel).pool
    for sku, units in by_sku(asked).items():
        there = book.sellable(sku, channel, given)
        from_stock = {place: took[sku, place] for place in there if took[sku, place]}
        most = min(units, sum(there.values()))
        # Own holds give way as far as they are known; what waits besides need not be least.
        alone = min(units, sum(book.sellable(sku, channel, {}).values())) if given else most
        assert alone <= sum(from_stock.values()) <= most
        assert waits[sku] == units - sum(from_stock.values()) <= book.beyond(sku, channel)
        assert all(there[place] >= n for place, n in from_stock.items())
        if given:
            continue
        if rules.channel(channel).sourcing == "priority":
            assert from_stock == _in_turn(units, there)
        elif rules.channel(channel).sourcing == "most_stock" and len(asked) == 1:
            fullest = dict(sorted(there.items(), key=lambda one: -one[1]))
            assert from_stock == _in_turn(units, fullest)
        elif len(asked) == 1 and rules.channel(channel).sourcing == "fewest_parcels":
            assert len(from_stock) <= 1 or all(units > n for n in there.values())


def _in_turn(asked: Quantity, there: Mapping[LocationId, Quantity]) -> dict[LocationId, Quantity]:
    shares: dict[LocationId, Quantity] = {}
    for place, units in there.items():
        taken = min(units, asked - sum(shares.values()))
        if taken > 0:
            shares[place] = taken
    return shares


def by_sku(asked: Mapping[Kind, Quantity]) -> Counter[Sku]:
    """Units of each item, whatever they were asked for as."""
    needs: Counter[Sku] = Counter()
    for (_, sku), units in asked.items():
        needs[sku] += units
    return +needs


def minus(units: Counter[Kind]) -> Counter[Kind]:
    """So many fewer."""
    return Counter({kind: -n for kind, n in units.items()})


def as_lines(lines: tuple[c.OrderLine, ...] | tuple[Line, ...]) -> list[Line]:
    """Lines of any command as lines of a request."""
    return [Line(line.sku, line.quantity) for line in lines]
