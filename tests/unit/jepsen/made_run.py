"""Histories and books made by hand, in which all is well until a test changes something."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import orjson

from tests.jepsen.book import (
    Book,
    BookedLine,
    BookedReservation,
    Movement,
    Position,
    StoredEvent,
)
from tests.jepsen.checker import check
from tests.jepsen.evidence import Violation
from tests.jepsen.history import (
    AdjustStock,
    Asked,
    Attempt,
    Commit,
    Extend,
    History,
    Look,
    Operation,
    Outcome,
    Release,
    Reserve,
    Send,
    SetStock,
)

SKU, PLACE = "A-1", "BER"
TTL_SECONDS = 60


class MadeRun:
    """A run in which each call is an operation that takes a second, at the next full second, and
    is booked in its middle. `tell` alone is an operation that nothing is booked of."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.history = History(clock=lambda: 1_000.0)
        self.movements: list[Movement] = []
        self.reservations: dict[str, BookedReservation] = {}
        self.events: list[StoredEvent] = []

    def rules_broken(self) -> set[str]:
        """The names of the rules that are broken."""
        return {violation.rule for violation in self.violations()}

    def violations(self) -> list[Violation]:
        """What the checker finds; positions are the sums of their movements."""
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for m in self.movements:
            for place, part in enumerate((m.on_hand, m.allocated, m.reserved, 1)):
                sums[m.sku, m.location][place] += part
        positions = [Position(*key, *parts) for key, parts in sums.items()]
        reservations = list(self.reservations.values())
        return check(self.history, Book(positions, self.movements, reservations, self.events))

    def tell(
        self, key: str, asked: Asked, answer: Any, outcome: Outcome = Outcome.OK, takes: float = 1.0
    ) -> Operation:
        """An operation of one attempt."""
        text = answer if isinstance(answer, str) else orjson.dumps(answer).decode()
        attempt = Attempt("api-1", self.now, self.now + takes, outcome, text)
        self.now += 1
        return self.history.begin(Operation(key, "client", asked, [attempt]))

    def book(self, kind: str, units: tuple[int, int, int], **more: Any) -> Movement:
        """An entry of the ledger: on hand, allocated, reserved."""
        cause = {"source_event": None, "reservation": None, "order": None, "reason": None} | more
        at = cause.pop("at", self.now - 0.5)
        version = len(self.movements) + 1
        movement = Movement(SKU, PLACE, version, kind, *units, at=at, **cause)
        self.movements.append(movement)
        return movement

    def counted(self, key: str, units: int) -> Operation:
        """An acknowledged count."""
        position = {"version": len(self.movements) + 1}
        answer = _data("setStock", applied=True, position=position)
        one = self.tell(key, SetStock(SKU, PLACE, units), answer)
        on_hand = sum(movement.on_hand for movement in self.movements)
        self.book("COUNTED", (units - on_hand, 0, 0), reason=key)
        return one

    def adjusted(self, key: str, delta: int) -> Operation:
        """An acknowledged change."""
        answer = _data("adjustStock", position={"version": len(self.movements) + 1})
        one = self.tell(key, AdjustStock(SKU, PLACE, delta), answer)
        self.book("ADJUSTED", (delta, 0, 0), reason=key)
        return one

    def held(self, key: str, units: int = 1, id: str | None = None) -> str:
        """An acknowledged hold; its id, which is the key's own unless given."""
        id = id or f"r-{key}"
        self.tell(key, Reserve({SKU: units}, TTL_SECONDS), held_answer(id, self.now + TTL_SECONDS))
        self.book_hold(key, id, units)
        return id

    def book_hold(self, key: str, id: str, units: int = 1) -> None:
        """The hold as the book has it."""
        line = BookedLine(SKU, PLACE, units, units, 0)
        end = self.now - 1 + TTL_SECONDS
        self.reservations[id] = BookedReservation(id, "HELD", key, None, end, (line,))
        self.book("RESERVED", (0, 0, units), reservation=id)

    def committed(self, key: str, id: str, order: str = "o-1") -> Operation:
        """An acknowledged commit."""
        answer = _data("commitReservation", reservation={"id": id, "state": "COMMITTED"})
        one = self.tell(key, Commit(id, order), answer)
        self.book_commit(id, order)
        return one

    def book_commit(self, id: str, order: str, **more: Any) -> None:
        """The commit as the book has it."""
        booked = self.reservations[id]
        [line] = booked.lines
        self.reservations[id] = booked._replace(
            state="COMMITTED",
            order=order,
            expires_at=None,
            lines=(line._replace(held=0, allocated=line.quantity),),
        )
        units = (0, line.quantity, -line.quantity)
        self.book("ALLOCATED", units, reservation=id, order=order, **more)

    def released(self, key: str, id: str) -> Operation:
        """An acknowledged release."""
        answer = _data("releaseReservation", reservation={"id": id, "state": "RELEASED"})
        one = self.tell(key, Release(id), answer)
        self.book_end("RELEASED", id, reason=key)
        return one

    def book_end(self, kind: str, id: str, **more: Any) -> None:
        """The end of a hold, by hand or by itself, as the book has it."""
        booked = self.reservations[id]
        [line] = booked.lines
        lines = (line._replace(held=0),)
        self.reservations[id] = booked._replace(state=kind, lines=lines)
        self.book(kind, (0, 0, -line.quantity), reservation=id, **more)

    def extended(self, key: str, id: str) -> Operation:
        """An acknowledged extension; the book has no entry of it."""
        answer = held_answer(id, self.now + TTL_SECONDS, "extendReservation")
        return self.tell(key, Extend(id, TTL_SECONDS), answer)

    def looked(self, key: str, id: str, state: str) -> Operation:
        """What somebody has read."""
        return self.tell(key, Look(id), {"data": {"reservation": {"id": id, "state": state}}})

    def refused(self, key: str, asked: Asked, state: str) -> Operation:
        """A refusal because the reservation has ended."""
        answer = _data("anything", code="RESERVATION_ENDED", state=state)
        return self.tell(key, asked, answer, Outcome.REFUSED)

    def sent(self, key: str, delta: int = 1) -> Operation:
        """An acknowledged event that changes stock and was worked."""
        one = self.sent_and_not_worked(key, delta)
        self.events.append(StoredEvent("till", key, "APPLIED", None))
        self.book("ADJUSTED", (delta, 0, 0), source_event=f"till/{key}", reason="told so")
        return one

    def sent_and_not_worked(self, key: str, delta: int = 1) -> Operation:
        """An event that was acknowledged, and no more."""
        asked = Send("till", "stock.adjusted", {SKU: delta}, {"location": PLACE})
        return self.tell(key, asked, {"accepted": [{"id": key, "duplicate": False}]})


def held_answer(id: str, end: float, name: str = "reserve") -> Any:
    """What a client is told of a hold."""
    expires_at = datetime.fromtimestamp(end, UTC).isoformat()
    return _data(name, reservation={"id": id, "state": "HELD", "expiresAt": expires_at})


def _data(name: str, **answer: Any) -> Any:
    return {"data": {name: {"__typename": "Told", **answer}}}
