"""A message of a stream, whatever broker it comes from, and how a reader of streams looks."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, NamedTuple

from hub.domain.source_streams import SourceStream

MAX_MESSAGES: Final = 1_000
"""As many are taken at once, and put into the inbox by one transaction."""
WINDOW_SECONDS: Final = 0.1
"""So long a broker waits for more messages, where it does not hand over what there is."""
GRACE_SECONDS: Final = 1.0
"""So long what is being taken may go on when a reader ends."""
END_SECONDS: Final = 5.0
"""So long a client may take for its end; a frozen broker would have some wait for ever."""
_PREFIXES: Final = ("ce-", "ce_", "cloudevents:", "cloudevents_")
"""Of the attributes of CloudEvents; the first is what the hub calls them."""


class Message(NamedTuple):
    """What came, before anything of it is read."""

    id: str | None
    """What its broker knows it by, the same when it is delivered again."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class StreamAway(Exception):
    """The stream can not be read; it is tried again. The message says why, for people."""


class StreamSilent(StreamAway):
    """Nothing comes for now; its reader goes on by itself."""


class StreamWrong(StreamAway):
    """It can not be read before somebody changes something."""


Acknowledge = Callable[[], Awaitable[object]]
Take = Callable[[Sequence[Message], Acknowledge], Awaitable[None]]
"""Stores messages for good, and only then acknowledges them. Raises where that can not be done,
also for all that comes later."""
Check = Callable[[], Coroutine[Any, Any, None]]
"""Raises `StreamAway`, or whatever the client of a broker raises, where nothing comes any more."""


ReadStream = Callable[[SourceStream, str, Take], AbstractAsyncContextManager[Check]]
"""Reads a stream of the broker at that URL while the context is open: messages in their order, as
many at a time as there are, up to `MAX_MESSAGES`."""


async def as_it_is(message: Any) -> Any:
    """What FastStream is to make of a message: nothing, its format is the source's."""
    return message


def headers_from(raw: Mapping[str, object]) -> dict[str, str]:
    """The headers that can be kept, named as those of HTTP are."""
    found: dict[str, str] = {}
    for name, value in raw.items():
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        if isinstance(text, str) and text.isprintable():
            found[_named(name.lower())] = text
    return found


def _named(name: str) -> str:
    prefix = next((one for one in _PREFIXES if name.startswith(one)), None)
    return name if prefix is None else _PREFIXES[0] + name[len(prefix) :]
