"""The ids of events, so that what is sent again has no further effect."""

import hashlib
import json
from datetime import datetime

from hub.domain.events import MAX_EVENT_ID_LENGTH
from hub.domain.sources import EventIds
from workers.formats.reading import Change, Place

_DIGEST_CHARACTERS = 40


class EventNames:
    """Gives the changes of one delivery their ids, by the rule of their source."""

    def __init__(self, rule: EventIds, delivery_key: str) -> None:
        self._rule = rule
        # Its colons are no borders of the id: "7:1" is not line 1 of "7".
        self._key = delivery_key.replace("%", "%25").replace(":", "%3A")
        self._last: Place | None = None
        self._repeats = 0

    def id_of(self, change: Change, time: datetime | None) -> str:
        """The id of the next change. What the sender said decides, not what it is mapped to: if it
        is mapped otherwise later, the same change is not a second one."""
        repeats = self._repeats_at(change.place)
        if self._rule is EventIds.SENDER and change.id is not None:
            fits = 1 <= len(change.id) <= MAX_EVENT_ID_LENGTH and change.id.isprintable()
            return change.id if fits else _digest(change.id)
        if self._rule is EventIds.CONTENT:
            return _digest([change.type, time, change.data])
        line, column = change.place
        where = ":".join(str(part) for part in (line, column) if part is not None)
        id = ":".join([self._key, where, *([str(repeats)] if repeats else [])])
        return id if len(id) <= MAX_EVENT_ID_LENGTH else _digest(id)

    def _repeats_at(self, place: Place) -> int:
        """How many changes have come from the same place before, one after the other."""
        self._repeats = self._repeats + 1 if place == self._last else 0
        self._last = place
        return self._repeats


def _digest(value: object) -> str:
    # The library's own takes whatever a sender may write: numbers of any length, broken characters.
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
