"""A feed as the body of a response that goes on for as long as its reader stays."""

from collections.abc import Callable, Mapping
from typing import Final

from sse_starlette import ServerSentEvent
from starlette.types import Message, Receive, Scope, Send

from hub.services.feeds.form import FeedFollower
from hub.services.feeds.reader import Reader
from hub.web.lasting_streams import retry_milliseconds
from hub.web.transports import done_at_once

HEADERS: Final[Mapping[str, str]] = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    # Proxies that hold an answer back until it is complete would hold all of it back.
    "x-accel-buffering": "no",
}

OpenReader = Callable[[FeedFollower], Reader]


class FeedResponse(FeedFollower):
    """The events of one reader, sent as they are put together for all: nothing of it is his own but
    its beginning."""

    def __init__(self, open_reader: OpenReader) -> None:
        self._open_reader = open_reader
        self._transmit: Send
        self._hang_up: Callable[[], None]
        self._part_now: Callable[[bytes], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the feed until its reader leaves or has to be let go. Raises `FeedLimitReached`
        before anything is sent."""
        self._transmit = send
        self._hang_up = scope["state"]["hang_up"]
        self._part_now = scope["state"]["send_part_now"]
        if scope["method"] == "HEAD":
            await send(_start())
            await send({"type": "http.response.body"})
            return
        reader = self._open_reader(self)
        try:
            await send(_start())
            await self.send(_greeting())
            reader.begin()
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            reader.close()

    def send_now(self, told: bytes) -> bool:
        """Send some events, if that takes no waiting."""
        return self._part_now(told) or done_at_once(self.send(told))

    async def send(self, told: bytes) -> None:
        """Send some events."""
        await self._transmit({"type": "http.response.body", "body": told, "more_body": True})

    def hang_up(self) -> None:
        """End without a word: the reader comes back with the last id he has."""
        self._hang_up()


def _start() -> Message:
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def _greeting() -> bytes:
    retry = retry_milliseconds()
    return ServerSentEvent(comment="availability hub", retry=retry, sep="\n").encode()
