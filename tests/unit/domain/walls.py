"""What the tables of the ledger let through, and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping

from hub.domain.decide import Outcome
from hub.domain.movements import Movement, MovementKind
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation


def check_walls(
    positions: Mapping[PositionKey, Position],
    reservations: Mapping[str, Reservation],
    outcome: Outcome,
) -> None:
    """Fail on an outcome that the database would refuse over what it has stored."""
    moved = Counter((one.sku, one.location) for one in outcome.movements)
    assert moved.keys() == {one.key for one, _ in outcome.positions}
    for position, version_read in outcome.positions:
        stored = positions.get(position.key)
        assert version_read == (stored.version if stored else 0)
        assert position.version == version_read + moved[position.key]
        _check_position(position)
    _check_movements(outcome.movements)
    created = {one.id for one in outcome.created}
    assert not created & reservations.keys()
    assert {one.id for one in outcome.changed} <= reservations.keys() | created
    for reservation in (*outcome.created, *outcome.changed):
        _check_reservation(reservation)
    for made in outcome.created:
        _check_opening(made, outcome.movements)
    for line in outcome.supply_lines:
        assert line.quantity >= 0 <= line.received


def _check_position(one: Position) -> None:
    parts = (one.unavailable, one.allocated, one.reserved, one.backordered, one.incoming)
    assert min(*parts, one.shortfall) >= 0, f"a part of {one} is negative"
    assert one.free >= -one.shortfall, f"{one} is oversold"


def _check_movements(movements: Iterable[Movement]) -> None:
    for one in movements:
        assert one.kind is not MovementKind.RESERVED or one.available_after >= 0, one


def _check_reservation(one: Reservation) -> None:
    assert [line.line for line in one.lines] == list(range(len(one.lines)))
    assert one.lines
    for line in one.lines:
        parts = (line.held, line.backordered, line.allocated, line.fulfilled, line.released)
        assert line.quantity > 0 <= min(*parts, line.moved), f"a part of {line} is negative"
        assert line.quantity == sum(parts) + line.moved, f"{line} does not add up"
        assert 0 <= line.returned <= line.fulfilled


def _check_opening(made: Reservation, movements: Iterable[Movement]) -> None:
    """Lines of a new reservation are written from the movements that open them."""
    opening = {
        one.opens_line: one
        for one in movements
        if one.reservation == made.id and one.opens_line is not None
    }
    assert made.version == 1
    assert opening.keys() == {line.line for line in made.lines}
    for line in made.lines:
        one = opening[line.line]
        assert (one.sku, one.location, one.kit, one.document) == (
            line.sku,
            line.location,
            line.kit,
            line.document,
        )
        assert (one.reserved, one.backordered, one.allocated) == (
            line.held,
            line.backordered,
            line.allocated,
        )
