"""A reservation while a command changes it: every unit that moves is booked in the ledger."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from hub.domain.claims import Asked, Claim
from hub.domain.errors import ReservationLineMismatch
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.reservations import Reservation, ReservationLine, settled
from hub.domain.values import LocationId, Quantity, quantity_text

_PARTS: Final = {"held": "reserved", "backordered": "backordered", "allocated": "allocated"}
"""Parts of a line that are a claim, and the part of the position that they are counted in."""


class Take(NamedTuple):
    """So many units of one part of one line."""

    place: int
    part: str
    units: Quantity


class OpenReservation:
    """The lines of a reservation as they become; `close` makes them its next version."""

    def __init__(self, reservation: Reservation, ledger: Ledger) -> None:
        self.reservation = reservation
        self.lines = list(reservation.lines)
        self._ledger = ledger

    def takes(
        self,
        asked: Iterable[Asked] | None,
        parts: Sequence[str],
        verb: str,
        locations: Sequence[LocationId] | None = None,
    ) -> list[Take]:
        """Where the units asked for are taken from, of these parts in this order; None asks for
        all there is. Raises `ReservationLineMismatch` where there are fewer."""
        there = [
            Take(line.line, part, getattr(line, part))
            for part in parts
            # What came last is given back first: the first lines have waited longest.
            for line in (reversed(self.lines) if verb == "released" else self.lines)
            if getattr(line, part) > 0 and (locations is None or line.location in locations)
        ]
        if asked is None:
            return there
        taken: list[Take] = []
        for one in asked:
            missing = one.quantity
            for take in there:
                line = self.lines[take.place]
                if missing and (line.sku, line.kit) == (one.sku, one.kit):
                    units = min(missing, take.units)
                    taken.append(take._replace(units=units))
                    missing -= units
            if missing:
                raise ReservationLineMismatch(
                    id=self.reservation.id,
                    sku=one.kit or one.sku,
                    verb=verb,
                    asked=quantity_text(one.quantity),
                    possible=quantity_text(one.quantity - missing),
                )
        return taken

    def move(
        self,
        take: Take,
        to: str,
        kind: MovementKind,
        cause: Cause,
        on_hand: Quantity = 0,
        from_outside: bool = False,
    ) -> None:
        """Let units of a line go from one part to another, such as from held to allocated."""
        line, units = self.lines[take.place], take.units
        moved = {_PARTS[take.part]: -units}
        if to in _PARTS:
            moved[_PARTS[to]] = units
        self._ledger.book(
            self._ledger.position(line.sku, line.location),
            kind,
            cause,
            on_hand=on_hand,
            from_outside=from_outside,
            kit=line.kit,
            **moved,
        )
        self.lines[take.place] = line._replace(
            **{take.part: getattr(line, take.part) - units, to: getattr(line, to) + units}
        )

    def add(self, claim: Claim, part: str) -> None:
        """Note more units in `part` of the line of their kind; a new line where there is none.

        Lines of the first version keep their quantity for good: with it the first answer can be
        told again.
        """
        for place, line in enumerate(self.lines):
            if line.since_version > 1 and _same(line, claim):
                self.lines[place] = line._replace(
                    **{
                        "quantity": line.quantity + claim.quantity,
                        part: getattr(line, part) + claim.quantity,
                    }
                )
                return
        fresh = ReservationLine(
            len(self.lines),
            claim.sku,
            claim.location,
            claim.quantity,
            kit=claim.kit,
            document=claim.document,
            promised_at=claim.promised_at,
            since_version=self.reservation.version + 1,
        )
        units: dict[str, Any] = {part: claim.quantity}
        self.lines.append(fresh._replace(**units))

    def claim(self, claim: Claim, part: str, cause: Cause, from_outside: bool = False) -> None:
        """Book a claim on a position and note it: `part` is held or allocated, unless it waits."""
        part = "backordered" if claim.waits else part
        self._ledger.book(
            self._ledger.position(claim.sku, claim.location),
            KIND_OF_CLAIM[part],
            cause,
            kit=claim.kit,
            from_outside=from_outside,
            **{_PARTS[part]: claim.quantity},
        )
        self.add(claim, part)

    def close(self, **changes: Any) -> Reservation:
        """The next version of the reservation, in the state that its lines say."""
        return self._ledger.change(
            settled(self.reservation._replace(lines=tuple(self.lines), **changes))
        )


KIND_OF_CLAIM: Final = {
    "held": MovementKind.RESERVED,
    "allocated": MovementKind.ALLOCATED,
    "backordered": MovementKind.BACKORDERED,
}


def opened(
    claims: Iterable[Claim],
    part: str,
    ledger: Ledger,
    cause: Cause,
    first: int = 0,
    counted: Callable[[Claim], Quantity] | None = None,
    from_outside: bool = False,
) -> tuple[ReservationLine, ...]:
    """The lines of a new reservation from number `first` on, each opened by the movement that
    books it. `counted` says how many units of a claim the last count has left out already."""
    lines: list[ReservationLine] = []
    for number, claim in enumerate(claims, first):
        sku, location, quantity, kit, waits, document, promised_at = claim
        into = "backordered" if waits else part
        held = quantity if into == "held" else 0
        backordered = quantity if waits else 0
        allocated = quantity if into == "allocated" else 0
        ledger.book(
            ledger.position(sku, location),
            KIND_OF_CLAIM[into],
            cause._replace(document=document) if document else cause,
            on_hand=counted(claim) if counted and not waits else 0,
            reserved=held,
            backordered=backordered,
            allocated=allocated,
            from_outside=from_outside,
            kit=kit,
            opens_line=number,
        )
        lines.append(
            ReservationLine(
                number,
                sku,
                location,
                quantity,
                held,
                backordered,
                allocated,
                kit=kit,
                document=document,
                promised_at=promised_at,
            )
        )
    return tuple(lines)


def _same(line: ReservationLine, claim: Claim) -> bool:
    return (line.sku, line.location, line.kit, line.document) == (
        claim.sku,
        claim.location,
        claim.kit,
        claim.document,
    )
