"""Where the hub asks a source for what it has, how often, and how far it goes, as people write it.

Secrets are named by variables of the environment that begin with SOURCE_: whoever may configure a
source can have the hub send these to a server of his choice, and no other secret of the hub's.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from hub.domain.errors import InvalidInput
from hub.domain.fetching import (
    DEFAULT_JITTER,
    DEFAULT_MAX_BYTES,
    DEFAULT_MAX_PAGES,
    DEFAULT_SETTLE,
    DEFAULT_TIMEOUT,
    OVER_HTTP,
    Delta,
    Fetch,
    FetchKind,
    FileRule,
    GraphqlQuery,
    Login,
    NextPage,
    Pages,
    Taken,
)
from hub.domain.plain_table import Table

MAX_URL_LENGTH: Final = 2_000
MAX_DOCUMENT_LENGTH: Final = 20_000
"""Characters of a GraphQL document."""
MAX_HEADERS: Final = 20
MAX_TIMEOUT: Final = timedelta(hours=6)
MOST_BYTES: Final = 1 << 36
MOST_PAGES: Final = 100_000
MAX_SETTLE: Final = timedelta(minutes=10)
MAX_JITTER: Final = 0.5
MIN_EVERY: Final = timedelta(seconds=5)
MAX_HOST_KEYS: Final = 5

_VARIABLE: Final = re.compile(r"SOURCE_[A-Z0-9_]{1,100}", re.ASCII)
_HEADER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", re.ASCII)
_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]-]{0,99}", re.ASCII)
_OUR_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "if-modified-since",
        "if-none-match",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
_SCHEMES: Final = {
    FetchKind.HTTP: ("https", "http"),
    FetchKind.GRAPHQL: ("https", "http"),
    FetchKind.SFTP: ("sftp",),
    FetchKind.FTP: ("ftp", "ftps"),
}


def fetch_from(data: Mapping[str, Any]) -> Fetch | None:
    """How a source is asked; None for an empty table. Raises `InvalidInput` with the path of the
    key that is wrong."""
    if not data:
        return None
    table = Table(data, "fetch")
    table.text("kind")
    kind = table.choice("kind", FetchKind.HTTP)
    every, at_least, at_most = _interval(table)
    fetch = Fetch(
        kind=kind,
        place=_folder(table) if kind is FetchKind.FOLDER else _url(table, kind),
        every=every,
        at_least=at_least,
        at_most=at_most,
        jitter=_share(table),
        timeout=_within(table, "timeout", DEFAULT_TIMEOUT, MAX_TIMEOUT),
        max_bytes=_number(table, "max_bytes", DEFAULT_MAX_BYTES, MOST_BYTES),
        max_pages=_number(table, "max_pages", DEFAULT_MAX_PAGES, MOST_PAGES),
        accept=_accept(table) if kind is FetchKind.HTTP else "*/*",
        headers=_headers(table) if kind in OVER_HTTP else {},
        parameters=_parameters(table) if kind in OVER_HTTP else {},
        pages=_pages(table.table("pages")) if kind is FetchKind.HTTP else None,
        delta=_delta(table.table("delta")) if kind in OVER_HTTP else None,
        query=_query(table.table("graphql")) if kind is FetchKind.GRAPHQL else None,
        files=FileRule() if kind in OVER_HTTP else _file_rule(table),
        login=_login(table, kind),
        written=dict(data),
    )
    # A key of another kind was not asked for, and is refused here.
    table.end()
    return fetch


def _interval(table: Table) -> tuple[timedelta, timedelta, timedelta]:
    every = table.duration("every")
    if every is None or every < MIN_EVERY:
        problem = f"must be such as 15m, and at least {MIN_EVERY.seconds}s"
        raise InvalidInput(field=table.at("every"), problem=problem)
    at_least = table.duration("at_least") or every
    at_most = table.duration("at_most") or every
    if not MIN_EVERY <= at_least <= every:
        problem = f"must be between {MIN_EVERY.seconds}s and `every`"
        raise InvalidInput(field=table.at("at_least"), problem=problem)
    if at_most < every:
        raise InvalidInput(field=table.at("at_most"), problem="must not be below `every`")
    return every, at_least, at_most


def _url(table: Table, kind: FetchKind) -> str:
    url, schemes = table.get("url"), _SCHEMES[kind]
    problem = None
    if not isinstance(url, str) or len(url) > MAX_URL_LENGTH or not _is_plain(url):
        problem = f"must be a URL of at most {MAX_URL_LENGTH} characters, all of ASCII"
        raise InvalidInput(field=table.at("url"), problem=problem)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput(field=table.at("url"), problem="is no URL") from None
    if parts.scheme not in schemes:
        begins = " or ".join(f"{scheme}://" for scheme in schemes)
        problem = f"must begin with {begins}"
    elif not parts.hostname or port == 0:
        problem = "must name a host"
    elif parts.username is not None or parts.password is not None:
        problem = "must not hold a password: name a variable by `password`"
    elif kind not in OVER_HTTP and not unquote(parts.path).isprintable():
        problem = "must be the path of a folder, without control characters"
    elif parts.fragment:
        problem = "must have no fragment (#…)"
    if problem is not None:
        raise InvalidInput(field=table.at("url"), problem=problem)
    return url


def _folder(table: Table) -> str:
    """A folder within the operator's, never one outside."""
    name = table.text("folder")
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or any(one in ("..", "~") for one in path.parts):
        problem = "must be a folder within HUB_WATCHED_DIR, such as acme/stock"
        raise InvalidInput(field=table.at("folder"), problem=problem)
    return str(path)


def _headers(table: Table) -> dict[str, str]:
    given = table.names("headers")
    if len(given) > MAX_HEADERS:
        raise InvalidInput(field=table.at("headers"), problem=f"must be at most {MAX_HEADERS}")
    for name, variable in given.items():
        path = table.at(f"headers.{name}")
        if not _HEADER.fullmatch(name) or name.lower() in _OUR_HEADERS:
            problem = "must be a name such as X-Api-Key, and none that the hub sends itself"
            raise InvalidInput(field=path, problem=problem)
        _check_variable(variable, path)
    return given


def _parameters(table: Table) -> dict[str, str]:
    given = table.names("parameters")
    for name, variable in given.items():
        path = table.at(f"parameters.{name}")
        if not _NAME.fullmatch(name):
            raise InvalidInput(field=path, problem="must be a name such as api_key")
        _check_variable(variable, path)
    return given


def _accept(table: Table) -> str:
    accept = table.text("accept", "*/*")
    if not accept.isascii():
        raise InvalidInput(field=table.at("accept"), problem="must be ASCII, such as text/csv")
    return accept


def _pages(table: Table) -> Pages | None:
    if table.get("next") is None:
        table.end()
        return None
    next = table.choice("next", NextPage.LINK)
    pages = Pages(
        next,
        at="" if next is NextPage.LINK else table.text("at"),
        parameter=_parameter(table) if next in (NextPage.CURSOR, NextPage.NUMBER) else "",
        first=_number(table, "first", 1, 1, least=0) if next is NextPage.NUMBER else 1,
    )
    table.end()
    return pages


def _delta(table: Table) -> Delta | None:
    if table.get("parameter") is None:
        table.end()
        return None
    delta = Delta(_parameter(table), table.text_or_none("cursor"))
    table.end()
    return delta


def _query(table: Table) -> GraphqlQuery:
    document = table.get("document")
    if not isinstance(document, str) or not 1 <= len(document) <= MAX_DOCUMENT_LENGTH:
        problem = f"must be a GraphQL document of at most {MAX_DOCUMENT_LENGTH} characters"
        raise InvalidInput(field=table.at("document"), problem=problem)
    query = GraphqlQuery(
        document,
        table.json("variables"),
        table.text_or_none("page_info"),
        table.text("after", "after"),
    )
    table.end()
    return query


def _file_rule(table: Table) -> FileRule:
    pattern = table.text("files", "*")
    if "/" in pattern or pattern.startswith("."):
        problem = "must be a pattern of names such as stock-*.csv, without a folder"
        raise InvalidInput(field=table.at("files"), problem=problem)
    settle = DEFAULT_SETTLE
    if table.get("settle") == "0s":
        settle = timedelta()
    elif table.get("settle") is not None:
        settle = _within(table, "settle", DEFAULT_SETTLE, MAX_SETTLE)
    taken = table.choice("taken", Taken.MOVE)
    return FileRule(pattern, taken, settle, _flag(table, "replies", default=False))


def _login(table: Table, kind: FetchKind) -> Login:
    if kind is FetchKind.FOLDER:
        return Login()
    login = Login(
        username=table.text_or_none("username"),
        password=_variable(table, "password"),
        private_key=_variable(table, "private_key") if kind is FetchKind.SFTP else None,
        bearer=_variable(table, "bearer") if kind in OVER_HTTP else None,
        host_keys=table.texts("host_keys", MAX_HOST_KEYS) if kind is FetchKind.SFTP else (),
        tls=_flag(table, "tls", default=True) if kind is FetchKind.FTP else True,
    )
    if kind is FetchKind.SFTP:
        if not login.host_keys or not all(map(_FINGERPRINT.fullmatch, login.host_keys)):
            problem = "must list the server's fingerprints, as `ssh-keygen -l` shows: SHA256:…"
            raise InvalidInput(field=table.at("host_keys"), problem=problem)
        if login.password is None and login.private_key is None:
            problem = "must name the variable of a password, unless `private_key` does of a key"
            raise InvalidInput(field=table.at("password"), problem=problem)
    if login.username is None and (kind is FetchKind.SFTP or login.password is not None):
        raise InvalidInput(field=table.at("username"), problem="must be there")
    return login


def _variable(table: Table, key: str) -> str | None:
    value = table.text_or_none(key)
    if value is not None:
        _check_variable(value, table.at(key))
    return value


def _check_variable(name: str, path: str) -> None:
    if not _VARIABLE.fullmatch(name):
        # Not repeated here: it may be the secret itself.
        problem = "must name a variable of the environment that holds it, such as SOURCE_ACME_TOKEN"
        raise InvalidInput(field=path, problem=problem)


def _parameter(table: Table) -> str:
    name = table.text("parameter")
    if not _NAME.fullmatch(name):
        problem = "must be the name of a parameter, such as updated_since"
        raise InvalidInput(field=table.at("parameter"), problem=problem)
    return name


def _number(table: Table, key: str, default: int, most: int, least: int = 1) -> int:
    value = table.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        problem = f"must be a whole number between {least} and {most}"
        raise InvalidInput(field=table.at(key), problem=problem)
    return value


def _share(table: Table) -> float:
    value = table.get("jitter")
    if value is None:
        return DEFAULT_JITTER
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= MAX_JITTER
    ):
        problem = f"must be a share of the interval between 0 and {MAX_JITTER}"
        raise InvalidInput(field=table.at("jitter"), problem=problem)
    return float(value)


def _flag(table: Table, key: str, default: bool) -> bool:
    value = table.get(key)
    if not isinstance(value, bool | None):
        raise InvalidInput(field=table.at(key), problem="must be true or false")
    return default if value is None else value


def _within(table: Table, key: str, default: timedelta, most: timedelta) -> timedelta:
    value = table.duration(key) or default
    if value > most:
        problem = f"must be at most {int(most.total_seconds())}s"
        raise InvalidInput(field=table.at(key), problem=problem)
    return value


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url
