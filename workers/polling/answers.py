"""Fetching all that a server answers: page after page, only what has changed where it can be asked
for, and nothing where nothing has changed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from hub.domain.fetching import Fetch, GraphqlQuery, NextPage
from workers.polling.http import Asked, Heard, Server, checked_next, shown, with_parameters
from workers.polling.pages import Page
from workers.polling.unpacking import FetchFailed, Sink

MAX_PARSED_BYTES: Final = 1 << 26
"""Of a page that has to be understood to know what follows; it is parsed as a whole."""
_MAX_CURSOR_LENGTH: Final = 2_000
_LINK: Final = re.compile(r"<([^>]*)>((?:\s*;[^,<]*)*)")


class HttpState(NamedTuple):
    """What is remembered of a server's last answer."""

    etag: str | None = None
    last_modified: str | None = None
    cursor: str | None = None
    """What to ask with for what has changed since."""


class Answer(NamedTuple):
    """What was fetched, in the file that it was written to."""

    pages: tuple[Page, ...]
    digest: str
    state: HttpState


async def fetch_answer(fetch: Fetch, server: Server, state: HttpState, path: Path) -> Answer | None:
    """Fetch all pages into a file; None where nothing has changed. Raises `FetchFailed`."""
    with path.open("w+b") as file:
        asking = _Asking(fetch, server, state, file)
        return await asking.fetch()


class _Asking:
    """One walk through the pages of an answer."""

    def __init__(self, fetch: Fetch, server: Server, state: HttpState, file: BinaryIO) -> None:
        self._fetch = fetch
        self._server = server
        self._state = state
        self._file = file
        self._sink = Sink(file, fetch.max_bytes)
        self._pages: list[Page] = []

    async def fetch(self) -> Answer | None:
        asked, place = self._first(), "" if self._fetch.pages is None else str(_first(self._fetch))
        places = {asked.url + place}
        first: Heard | None = None
        cursor = self._state.cursor
        while True:
            begin = self._sink.written
            heard = await self._server.ask(asked, self._sink)
            first = first or heard
            if not heard.modified:
                return None
            self._pages.append(Page(begin, self._sink.written))
            document = self._document(self._pages[-1])
            cursor = self._cursor_of(document) or cursor
            found = self._next(asked, heard, document)
            if found is None:
                return self._answer(first, cursor)
            asked, place = found
            if place in places:
                raise FetchFailed("its pages go round in a circle")
            places.add(place)
            if len(self._pages) >= self._fetch.max_pages:
                problem = f"has more than {self._fetch.max_pages} pages, which is `max_pages`"
                raise FetchFailed(problem)

    def _answer(self, first: Heard, cursor: str | None) -> Answer:
        fetch = self._fetch
        if fetch.delta is None:
            cursor = None
        elif fetch.delta.cursor is None:
            # By their clock, as of when the first page was asked for: what changes from then on is
            # told the next time, however long they took to answer.
            since = _date_of(first) - timedelta(seconds=int(first.waited.total_seconds()))
            cursor = since.isoformat().replace("+00:00", "Z")
        plain = fetch.query is None and fetch.pages is None and fetch.delta is None
        state = HttpState(
            _sendable(first.headers.get("etag")) if plain else None,
            _sendable(first.headers.get("last-modified")) if plain else None,
            cursor,
        )
        return Answer(tuple(self._pages), self._sink.digest, state)

    def _first(self) -> Asked:
        fetch, cursor = self._fetch, self._state.cursor
        delta = {fetch.delta.parameter: cursor} if fetch.delta and cursor else {}
        if fetch.query is not None:
            return _document_of(fetch, fetch.query, delta)
        parameters = dict(delta)
        if fetch.pages is not None and fetch.pages.next is NextPage.NUMBER:
            parameters[fetch.pages.parameter] = str(fetch.pages.first)
        headers = {"accept": fetch.accept}
        if self._state.etag:
            headers["if-none-match"] = self._state.etag
        if self._state.last_modified:
            headers["if-modified-since"] = self._state.last_modified
        return Asked(with_parameters(fetch.place, parameters), headers)

    def _next(self, asked: Asked, heard: Heard, document: Any) -> tuple[Asked, str] | None:
        """What to ask next, and what tells it from other pages; None behind the last page."""
        fetch = self._fetch
        if fetch.query is not None:
            return self._next_of_document(fetch.query, document)
        pages = fetch.pages
        if pages is None:
            return None
        headers = {"accept": fetch.accept}
        if pages.next is NextPage.NUMBER:
            if not _search(pages.at, document):
                return None
            number = pages.first + len(self._pages)
            return Asked(with_parameters(asked.url, {pages.parameter: str(number)}), headers), str(
                number
            )
        if pages.next is NextPage.LINK:
            found = _link_of(heard.headers.get("link", ""))
        else:
            found = _text(_search(pages.at, document))
        if not found:
            return None
        if pages.next is NextPage.CURSOR:
            return Asked(with_parameters(asked.url, {pages.parameter: found}), headers), found
        url = checked_next(heard.url, found)
        return Asked(url, headers), url

    def _next_of_document(self, query: GraphqlQuery, document: Any) -> tuple[Asked, str] | None:
        info = _search(query.page_info, document) if query.page_info else None
        if not isinstance(info, Mapping) or info.get("hasNextPage") is not True:
            return None
        cursor = _text(info.get("endCursor"))
        if not cursor:
            raise FetchFailed("says that there is another page, and has no `endCursor`")
        variables = {query.after: cursor}
        if self._fetch.delta and self._state.cursor:
            variables[self._fetch.delta.parameter] = self._state.cursor
        return _document_of(self._fetch, query, variables), cursor

    def _document(self, page: Page) -> Any:
        """The JSON of a page, where it has to be looked at."""
        fetch = self._fetch
        needed = fetch.query or any(fetch.expressions.values())
        if not needed:
            return None
        if page.end - page.begin > MAX_PARSED_BYTES:
            raise FetchFailed(f"sent a page of more than {MAX_PARSED_BYTES} bytes")
        self._file.seek(page.begin)
        try:
            document = orjson.loads(self._file.read(page.end - page.begin))
        except orjson.JSONDecodeError as error:
            raise FetchFailed(f"sent what is no JSON: {shown(str(error))}") from None
        finally:
            self._file.seek(page.end)
        if fetch.query is not None:
            _check_errors(document)
        return document

    def _cursor_of(self, document: Any) -> str | None:
        delta = self._fetch.delta
        if delta is None or delta.cursor is None:
            return None
        return _text(_search(delta.cursor, document))


def _first(fetch: Fetch) -> int:
    return 0 if fetch.pages is None else fetch.pages.first


def _document_of(fetch: Fetch, query: GraphqlQuery, variables: Mapping[str, str]) -> Asked:
    body = {"query": query.document, "variables": {**query.variables, **variables}}
    headers = {"content-type": "application/json", "accept": "application/json"}
    return Asked(fetch.place, headers, orjson.dumps(body))


def _check_errors(document: Any) -> None:
    """Raise `FetchFailed` for an answer that is not whole."""
    if not isinstance(document, Mapping):
        raise FetchFailed("sent what is no answer of GraphQL")
    errors = document.get("errors")
    if errors:
        first = errors[0] if isinstance(errors, list) else errors
        message = first.get("message") if isinstance(first, Mapping) else first
        raise FetchFailed(f"refused the document: {shown(str(message))}")


def _link_of(header: str) -> str | None:
    """The address of the next page in a `Link` header (RFC 8288)."""
    for target, parameters in _LINK.findall(header):
        for one in parameters.split(";"):
            name, _, value = one.strip().partition("=")
            if name.lower() == "rel" and "next" in value.strip('"').lower().split():
                return str(target)
    return None


def _search(expression: str, document: Any) -> Any:
    try:
        return jmespath.search(expression, document)
    except JMESPathError as error:
        raise FetchFailed(f"sent what {expression!r} can not be asked of: {error}") from None


def _text(value: object) -> str | None:
    """A cursor or an address in JSON, where there is one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        return None
    if len(value) > _MAX_CURSOR_LENGTH or not value.isprintable():
        problem = f"sent a cursor that is not up to {_MAX_CURSOR_LENGTH} printable characters"
        raise FetchFailed(problem)
    return value


def _sendable(header: str | None) -> str | None:
    """A header that can be sent back."""
    return header if header and header.isascii() and header.isprintable() else None


def _date_of(heard: Heard) -> datetime:
    try:
        return parsedate_to_datetime(heard.headers.get("date", "")).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC).replace(microsecond=0)
