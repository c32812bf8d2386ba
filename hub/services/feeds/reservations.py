"""The feed of reservations: each one that came into being or changed, as it is then."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from hub.domain.principal import AccessScope, Principal
from hub.domain.reservations import Reservation
from hub.domain.values import ChannelId, Sku, identifier_from
from hub.services.feeds.feeds import FeedParts
from hub.services.feeds.items_wanted import ItemsWanted, items_wanted
from hub.services.feeds.source import Value
from hub.store.change_log import Changes
from hub.store.feed_walks import Piece, read_live_reservations_behind
from hub.store.log_cursor import LogCursor
from hub.store.log_window import Touch, Window, read_touched_reservations
from hub.store.moments import Moment
from hub.store.reads import read_stored_reservations

_KEY: Final = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ReservationsWanted(NamedTuple):
    """Which reservations a feed tells of."""

    channel: ChannelId | None
    """None for all."""
    items: ItemsWanted

    def source(self, parts: FeedParts) -> "ReservationSource":
        """What tells of them."""
        return ReservationSource(self)


async def wanted_reservations(
    parts: FeedParts,
    principal: Principal,
    channel: str | None,
    skus: Sequence[Sku],
    category: str | None,
    *,
    is_new: bool,
) -> ReservationsWanted:
    """The reservations that somebody asks for, whoever made them: so he must have the right to take
    stock for good, and to see exact stock, which follows from all of them. Of those with several
    lines, one that is asked for is enough. Raises `Forbidden`, `UnknownChannel`, `InvalidInput`,
    `LimitExceeded` and, where he has not been told of them before, `UnknownSku`."""
    principal.require(AccessScope.RESERVATIONS_WRITE)
    principal.require_exact()
    if channel is not None:
        parts.rules.current.channel(identifier_from(channel, "channel"))
    items = await items_wanted(parts, skus, category, is_new=is_new)
    return ReservationsWanted(channel, items)


class ReservationSource:
    """Reservations of one channel or of all. A snapshot is of those that have not ended."""

    follows_rules = False

    def __init__(self, wanted: ReservationsWanted) -> None:
        self._channel = wanted.channel
        self._items = wanted.items

    def concerns(self, changes: Changes) -> bool:
        """Whether there is a reservation among these."""
        return bool(changes.reservations) or changes.reset

    def is_key(self, text: str) -> bool:
        """Whether this may be the id of a reservation, as it is written here."""
        return _KEY.fullmatch(text) is not None

    async def has_forgotten(self, moment: Moment, known: LogCursor) -> bool:
        """Reservations are kept."""
        return False

    async def touched(self, moment: Moment, window: Window) -> list[Touch]:
        """The reservations that were touched."""
        return await read_touched_reservations(moment, window, self._channel)

    async def walk(self, moment: Moment, key: str, limit: int) -> Piece:
        """The reservations that have not ended."""
        return await read_live_reservations_behind(moment, key, limit, self._channel)

    async def values(self, moment: Moment, keys: Sequence[str]) -> Mapping[str, Value]:
        """The reservations as they are stored: a hold past its end is told as ended when it is
        ended, which is a change of its own."""
        found = await read_stored_reservations(moment, keys)
        if not self._items.is_everything:
            wanted = await self._items.among(
                moment, {sku for one in found.values() for sku in _skus_of(one)}
            )
            found = {id: one for id, one in found.items() if not wanted.isdisjoint(_skus_of(one))}
        return {id: Value(reservation, reservation.version) for id, reservation in found.items()}


def _skus_of(reservation: Reservation) -> set[Sku]:
    """The items that it is of, and the kits that they were asked for as."""
    lines = reservation.lines
    return {line.sku for line in lines} | {line.kit for line in lines if line.kit is not None}
