"""A history and the book of the same run side by side, and what a rule finds wrong with them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar

from tests.jepsen.book import Book, BookedReservation, Movement, Place
from tests.jepsen.history import Asked, Commit, Extend, History, Look, Operation, Release

A = TypeVar("A", bound=Asked)

CLOCK_TOLERANCE_SECONDS = 0.1
"""How far the clocks of clients and database may be apart where a rule compares the two."""


class Violation(NamedTuple):
    """A rule that was broken, and everything that shows it."""

    rule: str
    sentence: str
    operations: tuple[Operation, ...] = ()
    movements: tuple[Movement, ...] = ()


class Evidence:
    """The history and the book, looked up by what they have in common."""

    def __init__(self, history: History, book: Book) -> None:
        self.history = history
        self.book = book
        self.operations = [one for one in history.operations if one.attempts]
        self.by_key = {one.key: one for one in self.operations}
        self.reservations = {one.id: one for one in book.reservations}
        self.held_by: dict[str, list[BookedReservation]] = defaultdict(list)
        for reservation in book.reservations:
            if reservation.holder is not None:
                self.held_by[reservation.holder].append(reservation)
        self.movements_at: dict[Place, list[Movement]] = defaultdict(list)
        self.movements_of: dict[str, list[Movement]] = defaultdict(list)
        self.movements_because: dict[str, list[Movement]] = defaultdict(list)
        self.movements_by_event: dict[str, list[Movement]] = defaultdict(list)
        for movement in book.movements:
            self.movements_at[movement.sku, movement.location].append(movement)
            if movement.reservation is not None:
                self.movements_of[movement.reservation].append(movement)
            if movement.source_event is not None:
                self.movements_by_event[movement.source_event].append(movement)
            elif movement.reason is not None:
                self.movements_because[movement.reason].append(movement)
        self.about: dict[str, list[Operation]] = defaultdict(list)
        for one in self.operations:
            if isinstance(one.asked, Commit | Release | Extend | Look):
                self.about[one.asked.reservation].append(one)

    def asking(self, kind: type[A]) -> list[tuple[Operation, A]]:
        """The operations of a kind, each with what it asked for."""
        return [(one, one.asked) for one in self.operations if isinstance(one.asked, kind)]

    def story_of(self, reservation: str) -> tuple[Operation, ...]:
        """Every operation about a reservation, the one that made it first."""
        booked = self.reservations.get(reservation)
        made = self.by_key.get(booked.holder) if booked and booked.holder else None
        return (*([made] if made else []), *self.about[reservation])

    def commits_of(self, reservation: str) -> list[tuple[Operation, Commit]]:
        """The operations that asked to commit a reservation."""
        return _of(Commit, self.about[reservation])

    def releases_of(self, reservation: str) -> list[tuple[Operation, Release]]:
        """The operations that asked to release a reservation."""
        return _of(Release, self.about[reservation])

    def told_end_of(self, made: Operation) -> float:
        """The latest time until which clients were told that a hold lasts."""
        reservation = made.reservation["id"]
        extended = [one for one, _ in _of(Extend, self.about[reservation]) if one.ok]
        return max(seconds_of(one.reservation["expiresAt"]) for one in [made, *extended])

    def end_is_known(self, reservation: str) -> bool:
        """Whether every wish to prolong a hold was answered."""
        return all(one.known for one, _ in _of(Extend, self.about[reservation]))


def _of(kind: type[A], operations: Iterable[Operation]) -> list[tuple[Operation, A]]:
    return [(one, one.asked) for one in operations if isinstance(one.asked, kind)]


def seconds_of(time: str) -> float:
    """A time as GraphQL tells it, in seconds since 1970."""
    return datetime.fromisoformat(time).timestamp()
