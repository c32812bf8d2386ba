"""What the job asks of the other side of a sales channel, whatever API it has."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from hub.store.channel_sync import PendingPush


class Listed(NamedTuple):
    """An item as they list it."""

    external_id: str
    sku: str | None
    """Our sku, where they know it."""
    units: int


class Page(NamedTuple):
    """Some of what they list, and where it goes on; None behind the last page."""

    items: Sequence[Listed]
    next: str | None


class Written(NamedTuple):
    """What became of quantities that were pushed, by sku. What is in none of them is still to be
    pushed."""

    said: Mapping[str, int]
    """What they have now: what was pushed, or what they were asked for before it is."""
    refused: Mapping[str, str]
    """Why they do not take it; a code."""
    moved: Mapping[str, int] = {}
    """What they have where somebody else changed it, so that they have taken nothing."""


class OtherSideAway(Exception):
    """They do not answer, or not usefully; it is tried again."""

    def __init__(self, problem: str, after_seconds: float = 0.0) -> None:
        super().__init__(problem)
        self.after_seconds = after_seconds
        """They ask to be left alone for so long."""


class OtherSideRefuses(Exception):
    """They refuse whatever is asked of them, until a person changes something."""


class OtherSide(Protocol):
    """The API of the other side. What it does waits until it is allowed by their limits, and raises
    `OtherSideAway` and `OtherSideRefuses`."""

    batch_items: int
    """As many items as one request may have."""
    can_list: bool
    """Whether they say what they have."""

    async def write(self, pushes: Sequence[PendingPush], key: str) -> Written:
        """Set quantities. A repetition has the same key, and no effect of its own."""

    async def page(self, after: str | None) -> Page:
        """All that they have, page by page: the first one, or the one behind another."""

    async def aclose(self) -> None:
        """Close the connections."""
