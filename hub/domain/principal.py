"""Who is asking, and what he may do. Every service call takes a principal; the default is no."""

from enum import StrEnum
from typing import NamedTuple

from hub.domain.errors import Forbidden


class AccessScope(StrEnum):
    """A right that a principal has or has not."""

    AVAILABILITY_READ = "availability:read"
    RESERVATIONS_WRITE = "reservations:write"
    STOCK_WRITE = "stock:write"
    EVENTS_INGEST = "events:ingest"
    ADMIN = "admin"


class Principal(NamedTuple):
    """A caller by name and scopes. Idempotency keys belong to the name."""

    name: str
    scopes: frozenset[AccessScope]

    def require(self, scope: AccessScope) -> None:
        """Raise `Forbidden` unless the principal has the scope."""
        if scope not in self.scopes:
            raise Forbidden(scope=scope.value, principal=self.name)


def trusted(name: str) -> Principal:
    """A principal with every scope: the hub's own jobs, and open access on loopback."""
    return Principal(name, frozenset(AccessScope))
