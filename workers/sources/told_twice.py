"""Finds what one delivery tells twice and differently: rows by bin, batch or date that nobody added
up, or two names of the sender's that became one of ours.
"""

from typing import Any, Final

from workers.formats.reading import Finding, Severity
from workers.sources.drafts import Draft

_STATES: Final = ("stock.set", "supply.scheduled")
"""Events that say how something is: of two, the later one holds, and the other is lost."""
_NAMES: Final = ("sku", "location", "document", "asOf")
_REMEMBERED: Final = 100_000


class ToldTwice:
    """Remembers of one delivery at least the newest 100,000 things told, in bounded memory."""

    def __init__(self) -> None:
        self._newer: dict[int, int] = {}
        self._older: dict[int, int] = {}

    def warning(self, draft: Draft) -> Finding | None:
        """A warning where the same thing was told otherwise further up, as of the same time. Not of
        senders who give their changes ids: these are told one after the other."""
        event, change = draft.event, draft.change
        if event["type"] not in _STATES or change.id is not None:
            return None
        data: dict[str, Any] = event["data"]
        key = hash((*map(data.get, _NAMES), event.get("time")))
        says = hash(
            tuple(str(data.get(name)) for name in ("onHand", "unavailable", "quantity", "eta"))
        )
        known = self._newer.get(key, self._older.get(key, says))
        if len(self._newer) >= _REMEMBERED:
            self._newer, self._older = {}, self._newer
        self._newer[key] = says
        if known == says:
            return None
        problem = (
            f"{data['sku']} at {data['location']} was told otherwise further up, and this holds; if"
            " these are parts of one number, have them added up before they are sent"
        )
        return Finding(Severity.WARNING, "TOLD_TWICE", problem, change.place)
