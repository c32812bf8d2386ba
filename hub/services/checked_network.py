"""Connecting to other systems only where the hub may.

A name is looked up once, its addresses are checked, and what was checked is connected to: a name
that leads elsewhere the second time leads nowhere.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final

import httpcore

from hub.domain.public_address import is_public

_LOOK_UP_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 10.0

Allowed = Callable[[str], bool]
"""Whether a network address may be connected to."""


class NotReachable(Exception):
    """A name that leads nowhere, or to where the hub must not ask."""


def everywhere(address: str) -> bool:
    """All addresses."""
    return True


def public_or_within(networks: Sequence[IPv4Network | IPv6Network]) -> Allowed:
    """Public addresses, and those of some private networks."""

    def allowed(address: str) -> bool:
        if is_public(address):
            return True
        one = ip_address(address.partition("%")[0])
        return any(one in network for network in networks)

    return allowed


async def addresses_of(host: str, port: int, allowed: Allowed) -> list[str]:
    """The network addresses of a host. Raises `NotReachable` where it has none, or one that is not
    allowed: who has both has something to hide."""
    try:
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError, TimeoutError):
        raise NotReachable(f"{host} is not known to the name service") from None
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    if not all(map(allowed, addresses)):
        raise NotReachable(f"{host} is in a private network, where the hub sends nothing")
    return addresses


async def connected_socket(host: str, port: int, allowed: Allowed) -> socket.socket:
    """A connection to an address of a host that was checked. Raises `NotReachable`, and `OSError`
    where nobody answers."""
    failure: OSError | None = None
    loop = asyncio.get_running_loop()
    for address in await addresses_of(host, port, allowed):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await loop.sock_connect(connection, (address, port))
            return connection
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
    raise failure or NotReachable(f"{host} has no address")


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to no others."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception | None = None
        for address in await addresses_of(host, port, self._allowed):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or NotReachable(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
