"""One JSON request to the other side, and what its failures mean."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple

import httpx
import orjson

from workers.channels.allowance import Allowance
from workers.channels.other_side import OtherSideAway, OtherSideRefuses

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
RETRY_SECONDS: Final = 1.0
"""Where they ask to be left alone and do not say for how long."""
MAX_PAUSE_SECONDS: Final = 3_600.0
_TOO_MANY: Final = 429
_NO_ACCESS: Final = (401, 402, 403)
_SERVER_ERROR: Final = 500


class JsonAnswer(NamedTuple):
    """An answer that is no failure of the connection or of the server."""

    status: int
    body: bytes

    @property
    def content(self) -> Any:
        """The JSON in it; None where it is empty. Raises `OtherSideAway` where it is none: whoever
        only wants the status does not ask for it."""
        if not self.body:
            return None
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise OtherSideAway(
                f"the answer (HTTP {self.status}) is no JSON, or half of it is missing"
            ) from error

    @property
    def problem(self) -> str:
        """A refusal in their own words, as far as a person wants to read."""
        return f"HTTP {self.status}: {self.body[:400].decode(errors='replace')}"


class HttpApi:
    """Their API, asked no faster than they allow."""

    def __init__(
        self, headers: Mapping[str, str], timeout_seconds: float, allowance: Allowance
    ) -> None:
        self.allowance = allowance
        self._headers = {"accept": "application/json", **headers}
        self._timeout_seconds = timeout_seconds
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self, method: str, url: str, content: Any = None, headers: Mapping[str, str] | None = None
    ) -> JsonAnswer:
        """Their answer, 4xx included. Raises `OtherSideAway` where there is none in time, or where
        they are overloaded, and `OtherSideRefuses` where they let us in no more."""
        sent = None if content is None else orjson.dumps(content)
        given = {"content-type": "application/json"} if sent is not None else {}
        try:
            async with (
                # As a whole: an answer that comes a byte at a time is none.
                asyncio.timeout(self._timeout_seconds),
                self._connected().stream(
                    method, url, content=sent, headers={**given, **(headers or {})}
                ) as response,
            ):
                body = await _bounded(response)
        except (httpx.RequestError, httpx.InvalidURL, TimeoutError) as error:
            raise OtherSideAway(f"{type(error).__name__}: {error}") from error
        self._check(response)
        return JsonAnswer(response.status_code, body)

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            # Nothing of the machine's own settings: neither its proxies nor its .netrc.
            self._client = httpx.AsyncClient(
                headers=self._headers,
                timeout=self._timeout_seconds,
                trust_env=False,
                follow_redirects=False,
            )
        return self._client

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == _TOO_MANY or status >= _SERVER_ERROR:
            seconds = _retry_after_seconds(response)
            if status == _TOO_MANY:
                seconds = seconds or RETRY_SECONDS
            self.allowance.pause(seconds)
            raise OtherSideAway(f"HTTP {status}", seconds)
        if status in _NO_ACCESS or response.is_redirect:
            raise OtherSideRefuses(f"HTTP {status}")

    async def aclose(self) -> None:
        """Close the connections; whoever asks again opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise OtherSideAway(f"an answer of more than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)


def _retry_after_seconds(response: httpx.Response) -> float:
    said = response.headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return min(max(0.0, seconds), MAX_PAUSE_SECONDS)
