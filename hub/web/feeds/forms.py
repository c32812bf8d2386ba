"""Events as a feed tells them: JSON of the hub's own, or CloudEvents.

Lines end in LF: the standard allows CRLF too, and some clients split on LF LF only.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import orjson
from sse_starlette import ServerSentEvent

from hub.domain.cloud_event import CloudEvent
from hub.domain.errors import InvalidInput
from hub.services.feeds.form import Lost
from hub.services.feeds.position import MAX_ID_LENGTH
from hub.services.feeds.source import Entry
from hub.services.watch import EventKind


class Format(StrEnum):
    """In which of two ways events are put."""

    JSON = "json"
    CLOUDEVENTS = "cloudevents"


def format_from(text: str | None) -> Format:
    """The format that a request names; `InvalidInput` for one that there is not."""
    try:
        return Format(text or Format.JSON)
    except ValueError:
        raise InvalidInput(field="format", problem="must be json or cloudevents") from None


class Told(NamedTuple):
    """How the events of one feed are put. There is one object for each feed."""

    event: str
    """The name of its events."""
    body: Callable[[Entry, str | None], dict[str, Any]]
    """An entry as JSON, for a locale."""
    cloud: Callable[[Entry, str | None], CloudEvent]
    """The same as a CloudEvent."""


class EventForm(NamedTuple):
    """A way to put a feed; who asks for the same gets the same bytes."""

    told: Told
    source: str
    """Of CloudEvents."""
    format: Format
    locale: str | None

    def tell(self, kind: EventKind, entries: Sequence[Entry]) -> bytes:
        """One event for each entry."""
        return b"".join(self._event(kind, entry) for entry in entries)

    def reset(self, why: Lost) -> bytes:
        """The event `reset`."""
        return _event("reset", {"reason": why.value}, None)

    def current(self, id: str) -> bytes:
        """The event `current`."""
        return _event("current", {}, id)

    def heartbeat(self, id: str) -> bytes:
        """A comment, for all that is in between, and an event for whoever keeps the id."""
        return b": alive\n" + _event("heartbeat", {}, id)

    def _event(self, kind: EventKind, entry: Entry) -> bytes:
        if self.format is Format.JSON:
            data = {"kind": kind.value, **self.told.body(entry, self.locale)}
        else:
            data = self.told.cloud(entry, self.locale).as_dict(self.source)
        return _event(self.told.event, data, entry.position.id)


def _event(name: str, data: dict[str, Any], id: str | None) -> bytes:
    if id is not None and len(id) > MAX_ID_LENGTH:
        # It would be refused. The next one that is shorter stands for this one, too.
        id = None
    text = orjson.dumps(data, option=orjson.OPT_UTC_Z).decode()
    return ServerSentEvent(text, event=name, id=id, sep="\n").encode()
