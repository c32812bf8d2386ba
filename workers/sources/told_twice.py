"""Finds what one delivery tells twice and differently: rows by bin, batch or date that nobody added
up, or two names of the sender's that became one of ours.
"""

from typing import Any, Final

from workers.formats.reading import Finding, Severity
from workers.formats.remembered import Remembered
from workers.sources.drafts import Draft

_STATES: Final = ("stock.set", "supply.scheduled")
"""Events that say how something is: of two, the later one holds, and the other is lost."""
_NAMES: Final = ("sku", "location", "document", "asOf")
_SAYS: Final = ("onHand", "unavailable", "quantity", "eta")


class ToldTwice:
    """Remembers what one delivery has told."""

    def __init__(self) -> None:
        self._told = Remembered()

    def warning(self, draft: Draft) -> Finding | None:
        """A warning where the same thing was told otherwise further up, as of the same time. Not of
        senders who give their changes ids: these are told one after the other."""
        event, change = draft.event, draft.change
        if event["type"] not in _STATES or change.id is not None:
            return None
        data: dict[str, Any] = event["data"]
        key = hash((event.get("time"), *(str(data.get(name)) for name in _NAMES)))
        says = hash(tuple(str(data.get(name)) for name in _SAYS))
        if self._told.replace(key, says) in (None, says):
            return None
        problem = (
            f"{data['sku']} at {data['location']} was told otherwise further up, and this holds; if"
            " these are parts of one number, have them added up before they are sent"
        )
        return Finding(Severity.WARNING, "TOLD_TWICE", problem, change.place)
