"""What the endpoint looks at of a request's head, read in one go."""

from typing import NamedTuple

from starlette.types import Scope


def media_type_of(content_type: str) -> str:
    """What a `Content-Type` names, without parameters; letters may be of either case there."""
    return content_type.partition(";")[0].strip().lower()


class RequestHead(NamedTuple):
    """Of headers that come more than once, the first."""

    method: str
    content_type: str
    """The media type alone."""
    accept: str
    authorization: str | None
    client_host: str | None

    @classmethod
    def of(cls, scope: Scope) -> "RequestHead":
        """The head of a request."""
        headers = dict(reversed(scope["headers"]))
        authorization = headers.get(b"authorization")
        client = scope.get("client")
        return cls(
            scope["method"],
            media_type_of(headers.get(b"content-type", b"").decode("latin-1")),
            headers.get(b"accept", b"").decode("latin-1"),
            None if authorization is None else authorization.decode("latin-1"),
            client[0] if client else None,
        )
