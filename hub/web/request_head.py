"""What the endpoint looks at of a request's head, read in one go."""

from typing import NamedTuple

from starlette.types import Scope


class RequestHead(NamedTuple):
    """Of headers that come more than once, the first."""

    method: str
    content_type: str
    """Without its parameters."""
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
            headers.get(b"content-type", b"").partition(b";")[0].strip().decode("latin-1"),
            headers.get(b"accept", b"").decode("latin-1"),
            None if authorization is None else authorization.decode("latin-1"),
            client[0] if client else None,
        )
