"""What clients asked for and what they were told, with times: the evidence that is checked later.

An operation is one thing a client wanted, under one key; it may take several attempts. An answer
that never came says nothing: the attempt *may* have taken effect. Times are seconds since 1970 by
the clock of this machine, quantities thousandths of a unit.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from hub.domain.values import Quantity


class Outcome(StrEnum):
    """What a client knows after an attempt."""

    OK = "ok"
    REFUSED = "refused"
    MAYBE = "maybe"


class Reserve(NamedTuple):
    """Hold units; the holder is the key of the operation, so that the ledger tells whose it is."""

    lines: Mapping[str, Quantity]
    ttl_seconds: int


class Commit(NamedTuple):
    """Allocate a hold to an order."""

    reservation: str
    order: str


class Release(NamedTuple):
    """Give a hold back; the reason is the key of the operation."""

    reservation: str


class Extend(NamedTuple):
    """Give a hold more time."""

    reservation: str
    ttl_seconds: int


class SetStock(NamedTuple):
    """Count units; the reason is the key of the operation."""

    sku: str
    location: str
    on_hand: Quantity


class AdjustStock(NamedTuple):
    """Add or take units; the reason is the key of the operation."""

    sku: str
    location: str
    delta: Quantity


class Look(NamedTuple):
    """Read a reservation."""

    reservation: str


class Send(NamedTuple):
    """Hand in an event; its id is the key of the operation.

    `units` are what it must move once it is worked: of each item, added on hand by
    `stock.adjusted`, allocated or freed or shipped of `order` by the others. None where the event
    cannot be worked and must become a dead letter.
    """

    source: str
    type: str
    units: Mapping[str, Quantity] | None
    data: Mapping[str, Any]
    order: str | None = None


Asked = Reserve | Commit | Release | Extend | SetStock | AdjustStock | Look | Send


class Attempt(NamedTuple):
    """One request and its answer: the body as it came, or what went wrong instead."""

    server: str
    invoked: float
    completed: float
    outcome: Outcome
    answer: str


@dataclass(eq=False)
class Operation:
    """One thing a client wanted; it has at least one attempt."""

    key: str
    client: str
    asked: Asked
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def known(self) -> list[Attempt]:
        """The attempts that were answered."""
        return [one for one in self.attempts if one.outcome is not Outcome.MAYBE]

    @property
    def outcome(self) -> Outcome:
        """What the client was told first; MAYBE if he was never told."""
        return self.known[0].outcome if self.known else Outcome.MAYBE

    @property
    def ok(self) -> bool:
        """Whether it was acknowledged."""
        return self.outcome is Outcome.OK

    @property
    def refused(self) -> bool:
        """Whether it was refused."""
        return self.outcome is Outcome.REFUSED

    @property
    def invoked(self) -> float:
        """When it was first asked for: it has taken effect at no earlier time."""
        return self.attempts[0].invoked

    @property
    def completed(self) -> float:
        """When it was first answered: it has taken effect by then, if at all. Infinite without."""
        return self.known[0].completed if self.known else float("inf")

    @cached_property
    def told(self) -> dict[str, Any]:
        """The answer: what is under the field of a GraphQL operation, or the body of an intake."""
        if not self.known:
            return {}
        body = orjson.loads(self.known[0].answer)
        answer = next(iter(body["data"].values())) if "data" in body else body
        return answer if isinstance(answer, dict) else {}

    @property
    def reservation(self) -> dict[str, Any]:
        """The reservation that was told of; empty without one."""
        if isinstance(self.asked, Look):
            return self.told
        found: dict[str, Any] = self.told.get("reservation") or {}
        return found


class Note(NamedTuple):
    """Something that happened to a process."""

    at: float
    sentence: str


class History:
    """All operations of a run, in the order in which they were begun."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.began = clock()
        self.operations: list[Operation] = []
        self.notes: list[Note] = []

    def begin(self, operation: Operation) -> Operation:
        """Take an operation in before its first attempt, so that none is forgotten."""
        self.operations.append(operation)
        return operation

    def note(self, sentence: str) -> None:
        """Write down what happened to a process."""
        self.notes.append(Note(self.clock(), sentence))

    def figures(self) -> Counter[str]:
        """Operations by outcome, and `lost`: attempts without an answer."""
        begun = [one for one in self.operations if one.attempts]
        figures = Counter(str(one.outcome) for one in begun)
        figures["lost"] = sum(len(one.attempts) - len(one.known) for one in begun)
        return figures

    def as_json_lines(self) -> bytes:
        """Everything, one operation or note a line."""
        rows: list[dict[str, Any]] = [note._asdict() for note in self.notes]
        for one in self.operations:
            asked = {"what": type(one.asked).__name__, **one.asked._asdict()}
            attempts = [attempt._asdict() for attempt in one.attempts]
            rows.append(
                {"key": one.key, "client": one.client, "asked": asked, "attempts": attempts}
            )
        return b"".join(orjson.dumps(row) + b"\n" for row in rows)
