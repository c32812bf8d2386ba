"""Asking a server for what it has, from addresses that people have configured.

Only addresses that were checked are connected to, also where an answer leads elsewhere; secrets go
to the server they are for; and all of it has its limits in bytes and time.
"""

import base64
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpcore

from hub.domain.errors import InvalidInput
from hub.domain.fetching import Fetch
from hub.domain.polling import retry_after_of
from hub.services.checked_network import CONNECT_SECONDS, Allowed, CheckedNetwork, NotReachable
from workers.formats.reading import printable
from workers.polling.secrets import Secrets
from workers.polling.unpacking import FetchFailed, Inflating, Plain, Sink, Writing

MAX_REDIRECTS: Final = 5
SILENCE_SECONDS: Final = 60.0
"""So long a server may say nothing in the middle."""
_MAX_EXCERPT: Final = 200
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_MOVED: Final = (301, 302, 303, 307, 308)
_TIMES: Final = {
    "connect": CONNECT_SECONDS,
    "read": SILENCE_SECONDS,
    "write": SILENCE_SECONDS,
    "pool": CONNECT_SECONDS,
}


class Asked(NamedTuple):
    """One request."""

    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    """With one it is a POST."""


class Heard(NamedTuple):
    """The head of an answer whose body was written down."""

    url: str
    """Where it came from in the end."""
    headers: Mapping[str, str]
    """Names in lower case."""
    modified: bool
    """False where nothing has changed since what the request named."""
    waited: timedelta = timedelta()
    """From the request until the answer began."""


class Server:
    """The server of a source, for one poll."""

    def __init__(self, fetch: Fetch, secrets: Secrets, allowed: Allowed) -> None:
        self._origin = _origin(fetch.place)
        self._secret_headers = _secret_headers(fetch, secrets)
        self._secret_parameters = {
            name: secrets.value(variable) for name, variable in fetch.parameters.items()
        }
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpcore.default_ssl_context(),
            max_connections=1,
            network_backend=CheckedNetwork(allowed),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._pool.aclose()

    async def ask(self, asked: Asked, sink: Sink) -> Heard:
        """Ask, follow where the answer leads, and write its body down. Raises `FetchFailed`."""
        url, began = asked.url, time.monotonic()
        for _ in range(MAX_REDIRECTS + 1):
            async with self._answer(asked, url) as response:
                headers, waited = _told(response), time.monotonic() - began
                if response.status in _MOVED and asked.body is None:
                    url = _led_to(url, headers)
                    continue
                if response.status == _NOT_MODIFIED and "if-" in ",".join(asked.headers).lower():
                    return Heard(url, headers, modified=False)
                if response.status != _OK:
                    raise await _refusal(response, headers)
                await _write(response, headers, sink)
                return Heard(url, headers, True, timedelta(seconds=waited))
        raise FetchFailed(f"led elsewhere more than {MAX_REDIRECTS} times")

    @asynccontextmanager
    async def _answer(self, asked: Asked, url: str) -> AsyncIterator[httpcore.Response]:
        headers = {
            "host": urlsplit(url).netloc,
            "accept-encoding": "gzip, deflate",
            **asked.headers,
        }
        if _origin(url) == self._origin:
            headers |= self._secret_headers
            url = with_parameters(url, self._secret_parameters)
        if asked.body is not None:
            headers["content-length"] = str(len(asked.body))
        try:
            async with self._pool.stream(
                "GET" if asked.body is None else "POST",
                url,
                headers=list(headers.items()),
                content=asked.body,
                extensions={"timeout": _TIMES},
            ) as response:
                yield response
        except httpcore.TimeoutException:
            raise FetchFailed(f"said nothing for {SILENCE_SECONDS:g} seconds") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, NotReachable) as error:
            raise FetchFailed(shown(str(error)) or type(error).__name__) from None


def shown(text: str) -> str:
    """What people can be shown of a text that others have written."""
    return printable(text)[:_MAX_EXCERPT]


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """An address with parameters, in place of those of the same name."""
    if not parameters:
        return url
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in parameters
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *parameters.items()])))


def _told(response: httpcore.Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }


def _led_to(url: str, headers: Mapping[str, str]) -> str:
    location = headers.get("location")
    if location is None:
        raise FetchFailed("led elsewhere, and did not say where")
    return checked_next(url, location)


def checked_next(url: str, location: str) -> str:
    """The address that an answer names, seen from where it came from. Raises `FetchFailed` for one
    that must not be asked."""
    try:
        target = urljoin(url, location.strip())
        parts = urlsplit(target)
        fits = parts.hostname is not None and parts.port != 0 and parts.username is None
    except ValueError:
        raise FetchFailed(f"led to {shown(location)!r}, which is no address") from None
    if parts.scheme not in ("http", "https"):
        raise FetchFailed(f"led to {shown(location)!r}, which is not HTTP")
    if not fits or not target.isascii() or not target.isprintable() or " " in target:
        raise FetchFailed(f"led to {shown(location)!r}, which is no address")
    if parts.scheme == "http" and url.startswith("https:"):
        raise FetchFailed(f"led from https to {shown(location)!r}, where anybody could read along")
    return target.partition("#")[0]


async def _write(response: httpcore.Response, headers: Mapping[str, str], sink: Sink) -> None:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    writing: Writing
    if encoding in ("identity", ""):
        writing = Plain(sink)
    elif encoding in ("gzip", "x-gzip", "deflate"):
        writing = Inflating(sink)
    else:
        raise FetchFailed(f"sent {shown(encoding)!r}, which it was not asked for")
    async for block in response.aiter_stream():
        writing.write(block)
    writing.end()


async def _refusal(response: httpcore.Response, headers: Mapping[str, str]) -> FetchFailed:
    excerpt = b""
    async for block in response.aiter_stream():
        excerpt += block
        if len(excerpt) >= _MAX_EXCERPT:
            break
    retry_after = retry_after_of(headers.get("retry-after"), datetime.now(UTC))
    # A page for people says nothing that the status does not.
    is_page = "html" in headers.get("content-type", "")
    said = "" if is_page else shown(" ".join(excerpt.decode("utf-8", "replace").split()))
    return FetchFailed(f"answered {response.status}{f': {said}' if said else ''}", retry_after)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname, parts.port or usual


def _secret_headers(fetch: Fetch, secrets: Secrets) -> dict[str, str]:
    """Headers that say who is asking. Raises `InvalidInput` for what no header can hold."""
    headers = {name: secrets.value(variable) for name, variable in fetch.headers.items()}
    login = fetch.login
    if login.bearer is not None:
        headers["Authorization"] = f"Bearer {secrets.value(login.bearer)}"
    elif login.username is not None:
        password = "" if login.password is None else secrets.value(login.password)
        pair = base64.b64encode(f"{login.username}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            raise InvalidInput(field=f"fetch.headers.{name}", problem="must be printable ASCII")
    return headers
