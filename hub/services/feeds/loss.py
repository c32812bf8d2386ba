"""What of a place in a feed can still be told, and who is far behind."""

from typing import Final

from hub.services.feeds.form import Lost
from hub.services.feeds.position import Position
from hub.services.feeds.source import Source
from hub.store.change_log import MAX_BEHIND
from hub.store.log_window import has_more_behind, has_more_named_behind
from hub.store.moments import Moment

MAX_NEAR: Final = 1_000
"""Entries that are looked through while others wait for their news."""
MAX_NEAR_NAMES: Final = 5_000
"""What these may name altogether."""


async def loss_of(source: Source, moment: Moment, position: Position) -> Lost | None:
    """Why what comes behind a position can't be told; None where it can."""
    for cursor in position.cursors:
        if cursor != moment.cursor and not await moment.follows(cursor):
            return Lost.UNKNOWN_ID
    known = position.known
    if known is None or known == moment.cursor:
        return None
    if await has_more_behind(moment, known, MAX_BEHIND) or await source.has_forgotten(
        moment, known
    ):
        return Lost.TOO_FAR_BEHIND
    return None


async def is_far(moment: Moment, position: Position) -> bool:
    """Whether to find what comes behind a position takes longer than others should wait."""
    known = position.known
    if known in (None, moment.cursor):
        return False
    return await has_more_named_behind(moment, known, MAX_NEAR, MAX_NEAR_NAMES)
