"""What an operation is. A list of them yields the routes and the OpenAPI document, so neither can
say what the other does not.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from hub.bootstrap import Services
from hub.domain import errors as e
from hub.domain.principal import AccessScope, Principal
from hub.settings import Settings
from hub.web.body import admission, read_body
from hub.web.rest.inputs import Input, body_from, checked, idempotency_key_from
from resolvers.root import context_for
from schema.context import Context

Authenticate = Callable[[str | None, str | None], Principal]

ALWAYS: Final[tuple[type[e.HubError], ...]] = (
    e.InvalidInput,
    e.Unauthenticated,
    e.Forbidden,
    e.Unavailable,
)
"""What every operation may be refused for."""
WRITING: Final[tuple[type[e.HubError], ...]] = (e.IdempotencyInProgress, e.IdempotencyMismatch)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was understood."""

    services: Services
    principal: Principal
    path: Mapping[str, str]
    query: Any
    body: Any
    headers: Headers
    idempotency_key: str | None

    @property
    def context(self) -> Context:
        """What the functions that GraphQL shares with this face want to know."""
        return context_for(self.services, self.principal)


class Answer(NamedTuple):
    """What an operation answers when all is well."""

    status: int
    description: str
    shape: str
    """The component of the document that the body is."""
    tagged: bool = False
    """Whether it has an ETag."""


class Body(NamedTuple):
    """What an operation takes as its body."""

    adapter: TypeAdapter[Any]
    examples: Mapping[str, Any]
    bulk: bool = False
    """Whether it may be as large as many rows are."""

    def max_bytes(self, settings: Settings) -> int:
        """How large it may be."""
        return settings.max_bulk_body_bytes if self.bulk else settings.max_body_bytes


class Operation(NamedTuple):
    """One method of one address."""

    id: str
    method: str
    path: str
    """Below `/v1`, as OpenAPI writes it."""
    tag: str
    summary: str
    description: str
    scope: AccessScope
    handle: Callable[[Call], Awaitable[Response]]
    answer: Answer
    refusals: tuple[type[e.HubError], ...]
    query: type[Input] = Input
    body: Body | None = None
    idempotent: bool = False
    """Whether it takes an `Idempotency-Key`."""
    condition: str | None = None
    """`If-None-Match` or `If-Match`, if it takes one."""
    path_example: str = ""

    @property
    def all_refusals(self) -> tuple[type[e.HubError], ...]:
        """Every refusal of the hub that it may answer."""
        of_body = (e.LimitExceeded,) if self.body else ()
        of_writing = WRITING if self.idempotent else ()
        return (*self.refusals, *of_writing, *of_body, *ALWAYS)

    @property
    def problems(self) -> tuple[str, ...]:
        """The codes of what keeps a request from being one for a service."""
        of_body = ("NOT_JSON", "UNSUPPORTED_MEDIA_TYPE") if self.body else ()
        return (*of_body, *(("PRECONDITION_FAILED",) if self.condition == "If-Match" else ()))


def endpoint_of(
    operations: Mapping[str, Operation], services: Services, authenticate: Authenticate
) -> Callable[[Request], Awaitable[Response]]:
    """What serves the operations of one address, by method."""

    async def serve(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        operation = operations[method]
        host = request.client.host if request.client else None
        # Before the body: whoever may not do it must not make the hub read how it would be done.
        async with admission(request.receive):
            principal = authenticate(request.headers.get("authorization"), host)
            principal.require(operation.scope)
        body = None
        if operation.body is not None:
            limit = operation.body.max_bytes(services.settings)
            read = await read_body(request.scope, request.receive, limit)
            body = body_from(read, request.headers, operation.body.adapter)
        query = TypeAdapter(operation.query)
        return await operation.handle(
            Call(
                services=services,
                principal=principal,
                path=request.path_params,
                query=checked(dict(request.query_params), query, "query"),
                body=body,
                headers=request.headers,
                idempotency_key=idempotency_key_from(request.headers.get("idempotency-key"))
                if operation.idempotent
                else None,
            )
        )

    return serve
