"""Asking other systems over HTTP, by addresses that partners have given.

Only addresses that were checked are connected to. Nothing is redirected, little is read, and all of
it ends in time.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

import httpcore

from hub.domain.errors import InvalidInput
from hub.domain.public_address import is_public
from hub.services.checked_network import CheckedNetwork, NotReachable, addresses_of, everywhere

MAX_URL_LENGTH: Final = 2_000
EXCERPT_BYTES: Final = 1_024
"""Of an answer's body, so much is read: it is for people who look for what is wrong."""
_KEPT_CONNECTIONS: Final = 20
_KEPT_SECONDS: Final = 20.0
_BODY_SECONDS: Final = 2.0


class Answer(NamedTuple):
    """What another system answered, or why it did not."""

    status: int | None
    seconds: float
    retry_after: str | None = None
    excerpt: str | None = None
    """The beginning of the body."""
    error: str | None = None
    """What went wrong, where there was no answer."""


@cache
def _authorities() -> ssl.SSLContext:
    """Who is believed to say who somebody is: they are read once in a process."""
    return httpcore.default_ssl_context()


class OutboundHttp:
    """Sends requests. `allow_private` lets it ask its neighbours, over plain HTTP too: for trials,
    and for receivers in one's own network."""

    def __init__(
        self, *, allow_private: bool, timeout_seconds: float, max_connections: int
    ) -> None:
        self._allow_private = allow_private
        self._allowed = everywhere if allow_private else is_public
        self._timeout_seconds = timeout_seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_authorities(),
            max_connections=max_connections,
            max_keepalive_connections=_KEPT_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=CheckedNetwork(self._allowed),
        )

    async def check(self, url: str) -> None:
        """Raise `InvalidInput` for an address that nothing may be sent to."""
        parts = _parts_of(url, self._allow_private)
        assert parts.hostname is not None
        try:
            await addresses_of(parts.hostname, parts.port or 443, self._allowed)
        except NotReachable as error:
            raise InvalidInput(field="url", problem=str(error)) from None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a POST; never raises for what another system does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_seconds) as answered:
                answer = await self._post(url, headers, body, answered)
        except TimeoutError:
            answer = Answer(None, 0, error=f"no answer within {self._timeout_seconds:g} seconds")
        except (NotReachable, InvalidInput) as error:
            answer = Answer(None, 0, error=str(error))
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            answer = Answer(None, 0, error=_said(error))
        except (ssl.SSLError, OSError, ValueError) as error:
            answer = Answer(None, 0, error=_said(error))
        return answer._replace(seconds=time.monotonic() - started)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def _post(
        self, url: str, headers: Mapping[str, str], body: bytes, answered: asyncio.Timeout
    ) -> Answer:
        # Once more: what is allowed may have changed since it was registered.
        parts = _parts_of(url, self._allow_private)
        sent = [("host", parts.netloc), ("content-length", str(len(body))), *headers.items()]
        async with self._pool.stream("POST", url, headers=sent, content=body) as response:
            # It came in time; what follows of it has a limit of its own.
            answered.reschedule(None)
            told = {name.lower(): value for name, value in response.headers}
            retry_after = told.get(b"retry-after")
            return Answer(
                response.status,
                0,
                None if retry_after is None else retry_after.decode("latin-1")[:100],
                await _excerpt_of(response),
            )


def _parts_of(url: str, allow_private: bool) -> SplitResult:
    """The parts of an address that something may be sent to; raises `InvalidInput`."""
    problem = None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput(field="url", problem="is no URL") from None
    if len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
        problem = f"must be a URL of at most {MAX_URL_LENGTH} characters, all of ASCII"
    elif parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        problem = "must begin with https://"
    elif not parts.hostname or port == 0:
        problem = "must name a host"
    elif parts.username is not None or parts.password is not None:
        problem = "must not hold a password: what is sent is signed"
    if problem is not None:
        raise InvalidInput(field="url", problem=problem)
    return parts


async def _excerpt_of(response: httpcore.Response) -> str | None:
    """The beginning of a body, as far as it comes: the status has said what counts. What is not
    read, however much it is, ends with the connection."""
    content = b""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in response.aiter_stream():
                content += chunk
                if len(content) >= EXCERPT_BYTES:
                    break
    except (TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    return _printable(content[:EXCERPT_BYTES]) or None


def _said(error: Exception) -> str:
    """What went wrong, for people."""
    return _printable(str(error).encode())[:500] or type(error).__name__


def _printable(content: bytes) -> str:
    text = content.decode("utf-8", errors="replace")
    return "".join(one if one.isprintable() or one in "\n\t" else "�" for one in text)
