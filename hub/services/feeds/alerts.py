"""The feed of alerts: each one that opens, is seen to or is over, as it is then."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from hub.domain.alerts import AlertKind
from hub.domain.errors import InvalidInput
from hub.domain.principal import Principal
from hub.domain.values import Sku, identifier_from
from hub.services.alerts import Sought, is_sought, require
from hub.services.feeds.feeds import FeedParts
from hub.services.feeds.items_wanted import ItemsWanted, items_wanted
from hub.services.feeds.source import Value
from hub.store.alerts import read_alerts
from hub.store.change_log import Changes
from hub.store.feed_walks import Piece, read_unresolved_alerts_behind
from hub.store.log_cursor import LogCursor
from hub.store.log_window import Touch, Window, has_forgotten_alerts, read_touched_alerts
from hub.store.moments import Moment

_KEY: Final = re.compile("0[0-9]{18}")
"""So that they sort as numbers do; what begins otherwise is more than PostgreSQL counts to."""


class AlertsWanted(NamedTuple):
    """Which alerts a feed tells of."""

    sought: Sought
    items: ItemsWanted

    def source(self, parts: FeedParts) -> "AlertSource":
        """What tells of them."""
        return AlertSource(self)


async def wanted_alerts(
    parts: FeedParts,
    principal: Principal,
    kinds: Iterable[str],
    skus: Sequence[Sku],
    category: str | None,
    channel: str | None,
    location: str | None,
    *,
    is_new: bool,
) -> AlertsWanted:
    """The alerts that are asked for; with items or a category, those of items alone. Raises
    `Forbidden`, `UnknownChannel`, `InvalidInput`, `LimitExceeded` and, where somebody has not been
    told of them before, `UnknownSku`."""
    require(principal)
    for name, given in (("channel", channel), ("location", location)):
        if given is not None:
            identifier_from(given, name)
    if channel is not None:
        parts.rules.current.channel(channel)
    try:
        known = tuple(sorted({AlertKind(kind) for kind in kinds}))
    except ValueError:
        problem = f"must be one of {', '.join(AlertKind)}"
        raise InvalidInput(field="condition", problem=problem) from None
    items = await items_wanted(parts, skus, category, is_new=is_new)
    return AlertsWanted(Sought(known or None, None, channel, location), items)


class AlertSource:
    """Alerts of some kinds, or of all. A snapshot is of those that are not resolved."""

    follows_rules = False

    def __init__(self, wanted: AlertsWanted) -> None:
        self._wanted = wanted

    def concerns(self, changes: Changes) -> bool:
        """Whether there is an alert among these."""
        return bool(changes.alerts) or changes.reset

    def is_key(self, text: str) -> bool:
        """Whether this may be the number of an alert, as it is written in keys."""
        return _KEY.fullmatch(text) is not None

    async def has_forgotten(self, moment: Moment, known: LogCursor) -> bool:
        """Whether an alert was, that was resolved long ago."""
        return await has_forgotten_alerts(moment, known)

    async def touched(self, moment: Moment, window: Window) -> list[Touch]:
        """The alerts that were touched."""
        return await read_touched_alerts(moment, window)

    async def walk(self, moment: Moment, key: str, limit: int) -> Piece:
        """The alerts that are not resolved."""
        return await read_unresolved_alerts_behind(moment, key, limit)

    async def values(self, moment: Moment, keys: Sequence[str]) -> Mapping[str, Value]:
        """The alerts that are sought, as they are."""
        by_id = {int(key): key for key in keys}
        sought, items = self._wanted
        found = [one for one in await read_alerts(moment, by_id) if is_sought(one, sought)]
        if not items.is_everything:
            wanted = await items.among(moment, [one.sku for one in found if one.sku is not None])
            found = [one for one in found if one.sku in wanted]
        return {by_id[alert.id]: Value(alert, hash(alert.state)) for alert in found}
