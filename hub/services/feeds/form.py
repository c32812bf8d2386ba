"""How a feed is put into bytes, and where these go."""

from collections.abc import Hashable, Sequence
from enum import StrEnum
from typing import Protocol

from hub.services.feeds.source import Entry
from hub.services.watch import EventKind


class Lost(StrEnum):
    """Why a reader has to begin anew."""

    UNKNOWN_ID = "UNKNOWN_ID"
    """His id is none of this log, or what came behind it is no longer there."""
    TOO_FAR_BEHIND = "TOO_FAR_BEHIND"
    """More has come into the log since than is looked through for one reader."""


class Form(Hashable, Protocol):
    """One way to put what a feed tells. Readers whose forms are equal are sent the same bytes."""

    def tell(self, kind: EventKind, entries: Sequence[Entry]) -> bytes:
        """Events, in their order."""

    def reset(self, why: Lost) -> bytes:
        """That something is lost, and all that follows is told from the beginning."""

    def current(self, id: str) -> bytes:
        """That there was nothing to tell up to a place in the log."""

    def heartbeat(self, id: str) -> bytes:
        """That the feed is alive, and how far it has come."""


class FeedFollower(Protocol):
    """Where a feed is sent to."""

    def send_now(self, told: bytes) -> bool:
        """Send some events, if that takes no waiting; whether they were sent."""

    async def send(self, told: bytes) -> None:
        """Send them as soon as they can be."""

    def hang_up(self) -> None:
        """End without a word: whoever reads comes back with the last id he has."""
