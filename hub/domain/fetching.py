"""How the hub asks a source for what it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

DEFAULT_TIMEOUT: Final = timedelta(minutes=5)
DEFAULT_MAX_BYTES: Final = 1 << 30
"""Of all that is fetched at a time, unpacked."""
DEFAULT_MAX_PAGES: Final = 1_000
DEFAULT_JITTER: Final = 0.1
DEFAULT_SETTLE: Final = timedelta(seconds=5)


class FetchKind(StrEnum):
    """How a source is asked."""

    HTTP = "http"
    """By GET, page after page."""
    GRAPHQL = "graphql"
    """By one document, page after page."""
    SFTP = "sftp"
    FTP = "ftp"
    FOLDER = "folder"
    """A folder of this machine, or one that is mounted here."""


OVER_HTTP: Final = (FetchKind.HTTP, FetchKind.GRAPHQL)


class NextPage(StrEnum):
    """Where an answer says what comes next."""

    LINK = "link"
    """In its `Link` header, as `rel="next"`."""
    JSON = "json"
    """In its JSON, as an address."""
    CURSOR = "cursor"
    """In its JSON, as a value that the next request has as a parameter."""
    NUMBER = "number"
    """Nowhere: the next request has the next number, until a page has no items."""


class Taken(StrEnum):
    """What becomes of a file that is done with."""

    MOVE = "move"
    """It is moved to `done` or `refused`, beside it."""
    REMEMBER = "remember"
    """It stays; the hub remembers how far it has come, by date and name."""


class Pages(NamedTuple):
    """How an answer goes on."""

    next: NextPage
    at: str = ""
    """JMESPath of the address, of the cursor, or, of numbers, of the items."""
    parameter: str = ""
    first: int = 1


class Delta(NamedTuple):
    """How one asks for what has changed only."""

    parameter: str
    """Of the address, or a variable of the GraphQL document."""
    cursor: str | None = None
    """JMESPath of the value to ask with next time; without it, the time of the last success."""


class GraphqlQuery(NamedTuple):
    """What is asked over GraphQL."""

    document: str
    variables: Mapping[str, Any]
    page_info: str | None
    """JMESPath of a `pageInfo`, with `hasNextPage` and `endCursor`."""
    after: str
    """The variable that the end cursor goes into."""


class FileRule(NamedTuple):
    """Which files are taken, and when."""

    pattern: str = "*"
    taken: Taken = Taken.MOVE
    settle: timedelta = DEFAULT_SETTLE
    """A file is whole if it has not changed for so long; 0 where senders rename what is whole."""
    replies: bool = False
    """Whether what the sender is to be answered is put beside his files, into `replies`."""


class Login(NamedTuple):
    """Who the hub is to another server; passwords and keys by variable."""

    username: str | None = None
    password: str | None = None
    private_key: str | None = None
    bearer: str | None = None
    host_keys: tuple[str, ...] = ()
    """Fingerprints of an SFTP server's key, as `ssh-keygen -l` shows them."""
    tls: bool = True
    """Of FTP: whether nothing is said before the connection is encrypted."""


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """Where, how often and how a source is asked."""

    kind: FetchKind
    place: str
    """An address; of the kind `folder`, the folder within that of the operator."""
    every: timedelta
    at_least: timedelta
    at_most: timedelta
    """The interval is between them: shorter where stock moves fast, longer where it does not."""
    jitter: float = DEFAULT_JITTER
    """By such a share an interval is longer or shorter, by chance."""
    timeout: timedelta = DEFAULT_TIMEOUT
    """For all that is fetched at a time."""
    max_bytes: int = DEFAULT_MAX_BYTES
    max_pages: int = DEFAULT_MAX_PAGES
    accept: str = "*/*"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Variables by header."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Variables by parameter of the address."""
    pages: Pages | None = None
    delta: Delta | None = None
    query: GraphqlQuery | None = None
    files: FileRule = field(default_factory=FileRule)
    login: Login = field(default_factory=Login)
    written: Mapping[str, Any] = field(default_factory=dict)
    """As it was written, which is how it is kept."""

    @property
    def is_files(self) -> bool:
        """Whether files are looked for, and not an answer."""
        return self.kind not in OVER_HTTP

    @property
    def expressions(self) -> dict[str, str]:
        """JMESPath expressions by the path of their key."""
        found = {
            "pages.at": self.pages and self.pages.at,
            "delta.cursor": self.delta and self.delta.cursor,
            "graphql.page_info": self.query and self.query.page_info,
        }
        return {f"fetch.{key}": value for key, value in found.items() if value}
