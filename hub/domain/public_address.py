"""Which network addresses are out in the world, so that nobody makes the hub ask its neighbours."""

import ipaddress
from typing import Final

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED: Final = (
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
    ipaddress.IPv6Network("::/96"),
)
"""IPv6 addresses that stand for those of IPv4 (NAT64, and as it was first meant), in their last 32
bits."""

_NEIGHBOURS: Final = ipaddress.IPv4Network("192.0.0.0/24")
"""For protocols between neighbours; not every Python counts all of it as such."""

_SITE: Final = ipaddress.IPv6Network("fec0::/10")
"""The private networks of the first IPv6, which no Python counts as such."""


def is_public(address: str) -> bool:
    """Whether an address is one of the internet: no loopback, no private or link-local network, no
    multicast, and no IPv6 address that stands for one of these."""
    return all(
        one.is_global and not one.is_multicast and one not in _NEIGHBOURS and one not in _SITE
        for one in _meant_by(address)
    )


def _meant_by(address: str) -> list[_Address]:
    """The address, and those of IPv4 that are in it."""
    # A zone (fe80::1%eth0) says on which network, not whether it is a public one.
    one = ipaddress.ip_address(address.partition("%")[0])
    meant: list[_Address] = [one]
    if isinstance(one, ipaddress.IPv6Address):
        within = [one.ipv4_mapped, one.sixtofour, *(one.teredo or ())]
        if any(one in network for network in _TRANSLATED):
            within.append(ipaddress.IPv4Address(int(one) & 0xFFFF_FFFF))
        # What is mapped is judged by what it is mapped to: by itself it counts as private.
        if one.ipv4_mapped is not None:
            meant.clear()
        meant += [ipv4 for ipv4 in within if ipv4 is not None]
    return meant
