"""Who is asking, and what he may do. Every service call takes a principal; the default is no."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from hub.domain.errors import Forbidden


class AccessScope(StrEnum):
    """A right that a principal has or has not."""

    AVAILABILITY_READ = "availability:read"
    RESERVATIONS_HOLD = "reservations:hold"
    """Hold stock for a while: reserve, change, extend, release."""
    RESERVATIONS_WRITE = "reservations:write"
    """That, and what takes stock for good or moves it: commit, transfer, fulfil, cancel, return."""
    STOCK_WRITE = "stock:write"
    EVENTS_INGEST = "events:ingest"
    ALERTS_READ = "alerts:read"
    """Hear what is the matter with stock."""
    ALERTS_WRITE = "alerts:write"
    """That, and say that one has seen to it."""
    NOTICES_WRITE = "notices:write"
    """Ask to hear once that an item is back."""
    WEBHOOKS_WRITE = "webhooks:write"
    """Have webhooks of one's own, of what one may read."""
    ADMIN = "admin"


class Audience(StrEnum):
    """What a principal is told of stock."""

    EXACT = "exact"
    """Units, and how they come about."""
    BANDS = "bands"
    """Whether he can have what he asks for, and a band such as "10+"."""


INCLUDED_IN: Final = {
    AccessScope.RESERVATIONS_HOLD: AccessScope.RESERVATIONS_WRITE,
    AccessScope.ALERTS_READ: AccessScope.ALERTS_WRITE,
    AccessScope.WEBHOOKS_WRITE: AccessScope.ADMIN,
}
"""The wider scope that a narrow one is part of."""

SHOPPER_SCOPES: Final = frozenset(
    {
        AccessScope.AVAILABILITY_READ,
        AccessScope.RESERVATIONS_HOLD,
        AccessScope.NOTICES_WRITE,
    }
)
"""What one without credentials may: nothing that outlasts the time of a hold."""

STOREFRONT_SCOPES: Final = SHOPPER_SCOPES | {AccessScope.RESERVATIONS_WRITE}
"""All that one who is told bands may have: whoever changes stock sees what it was."""


class Principal(NamedTuple):
    """A caller by name and scopes. Idempotency keys belong to the name and the address."""

    name: str
    scopes: frozenset[AccessScope]
    audience: Audience = Audience.EXACT
    address: str | None = None
    """Where a caller without credentials asks from: his holds count for it, whatever he says."""
    expires_at: datetime | None = None
    """When he has to say again who he is; what is open then ends."""

    def require(self, scope: AccessScope) -> None:
        """Raise `Forbidden` unless the principal has the scope, or one that includes it."""
        if scope not in self.scopes and INCLUDED_IN.get(scope) not in self.scopes:
            raise Forbidden(scope=scope.value, principal=self.name)

    def require_exact(self) -> None:
        """Raise `Forbidden` where the principal is told bands: what is asked is exact stock."""
        if self.audience is not Audience.EXACT:
            raise Forbidden(scope=f"audience:{Audience.EXACT.value}", principal=self.name)


def trusted(name: str) -> Principal:
    """A principal with every scope: the hub's own jobs, and open access on loopback."""
    return Principal(name, frozenset(AccessScope))


ANONYMOUS: Final = Principal("anonymous", SHOPPER_SCOPES, Audience.BANDS)
"""Every caller without credentials, where a storefront lets its shoppers' browsers ask."""
