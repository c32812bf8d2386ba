"""Who is calling, by the bearer token of his request."""

import hashlib
import ipaddress
from datetime import UTC, datetime

from hub.domain.errors import Unauthenticated
from hub.domain.principal import ANONYMOUS, Principal, trusted
from hub.settings import AccessToken

OPEN_ACCESS = trusted("local")
"""Everybody's principal while neither tokens nor anonymous access are set, which settings allow
on loopback only."""
UNKNOWN_HOST = "unknown"
"""The address of all whose own the server was not told, so that its limit binds them too."""


class Authenticator:
    """Turns the `Authorization` header into a principal."""

    def __init__(self, tokens: dict[str, AccessToken], anonymous_access: bool = False) -> None:
        self._anonymous_access = anonymous_access
        self._principals = {
            digest.lower(): Principal(
                token.name, token.scopes, token.audience, expires_at=token.expires_at
            )
            for digest, token in tokens.items()
        }

    def __call__(self, authorization: str | None, client_host: str | None = None) -> Principal:
        """The principal of a request; raises `Unauthenticated`."""
        if self._anonymous_access:
            if authorization is None:
                return ANONYMOUS._replace(address=_address_of(client_host))
        elif not self._principals:
            return OPEN_ACCESS
        kind, _, token = (authorization or "").partition(" ")
        # Looked up by its hash: how long that takes tells nothing about the token.
        digest = hashlib.sha256(token.strip().encode()).hexdigest()
        principal = self._principals.get(digest)
        if kind.lower() != "bearer" or principal is None:
            raise Unauthenticated
        if principal.expires_at is not None and principal.expires_at <= datetime.now(UTC):
            raise Unauthenticated
        return principal


def _address_of(host: str | None) -> str:
    """For which address the holds of a host count: of IPv6 its network, for one household or one
    rented server has all of a /64."""
    if not host:
        return UNKNOWN_HOST
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return host
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.IPv6Network((int(address), 64), strict=False))
