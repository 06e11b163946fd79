"""Where deliveries may go: to the addresses of the public internet, and those that are allowed.

Whoever writes a subscriber's URL must not reach into the network that Tocsin runs in. So the name
is resolved here, every answer is judged, and so is the very address that is connected to: no second
look-up could give another answer. Odd literals (`0x7f.1`, `2130706433`) are refused by aiohttp, or
pass through the same resolver as names.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import AddrInfoType
from aiohttp.http import HttpProcessingError, RawResponseMessage

from service.errors import TocsinError

MOST_INTERIM = 10
"""Answers such as 103 (Early Hints) before the one that counts."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# IANA's registries of special-purpose addresses, and what clouds add to them. They stand here in
# full because `ipaddress.is_global` answers differently from one Python release to the next.
REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(text), name)
    for text, name in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure's; looks like any public address
        ("169.254.0.0/16", "link-local and cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved or broadcast"),
        ("::/128", "this host"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("2001::/23", "reserved for protocols, Teredo among them"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)

_GLOBAL_IPV6 = IPv6Network("2000::/3")
"""All that has been given out so far; the rest of IPv6 is reserved."""
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(TocsinError):
    """A receiver's address is not public, and no setting allows it."""


def refusal(address: Address, allowed: Sequence[Network] = ()) -> str | None:
    """What kind of address this is when nothing may be sent there; None when it may."""
    carried = _carried(address)
    if any(one in network for network in allowed for one in {address, carried}):
        return None
    for network, name in REFUSED:
        if carried in network:
            return name
    if isinstance(carried, IPv6Address) and carried not in _GLOBAL_IPV6:
        return "reserved"
    return None


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64), else itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class PublicResolver(AbstractResolver):
    """Resolves names to public or allowed addresses only; raises AddressRefused for any other.

    A name is refused as a whole when any of its addresses is. `find` gives a name's addresses.
    """

    def __init__(self, allowed: Sequence[Network], find: Resolve) -> None:
        self._allowed = tuple(allowed)
        self._find = find

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The name's addresses, in the order in which they are tried."""
        del family  # both are asked for, and both are judged
        found = await self._find(host, port)
        for text in found:
            _refuse(ip_address(text), host, self._allowed)
        return [_result(host, ip_address(text), port) for text in found]

    async def close(self) -> None:
        """There is nothing to close."""


def judging_sockets(
    allowed: Sequence[Network], connecting: Callable[[], None] = lambda: None
) -> Callable[[AddrInfoType], socket.socket]:
    """Makes sockets for public or allowed addresses only; raises AddressRefused for any other.

    It is given the very address that is connected to, whether it came from a name or stood in the
    URL, where no resolver sees it.
    """

    def made(found: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = found
        host = str(place[0]).partition("%")[0]
        connecting()
        _refuse(ip_address(host), host, allowed)
        return socket.socket(family, kind, protocol)

    return made


def connector(
    allowed: Sequence[Network],
    tls: ssl.SSLContext,
    find: Resolve,
    *,
    connecting: Callable[[], None] = lambda: None,
) -> aiohttp.TCPConnector:
    """Connections to where deliveries may go; to be made within a running loop.

    No limits: the worker bounds how many requests there are at once. No cache of names: what was
    public a minute ago need not be now. `find` gives a name's addresses; `connecting` is called
    within each request that opens a connection.
    """
    made = aiohttp.TCPConnector(
        limit=0,
        use_dns_cache=False,
        resolver=PublicResolver(allowed, find),
        socket_factory=judging_sockets(allowed, connecting),
        ssl=tls,
    )
    reader: type[ResponseHandler] = _Reader
    # aiohttp has no other way to say who reads.
    made._factory = partial(reader, loop=asyncio.get_running_loop())  # noqa: SLF001
    return made


class _Reader(ResponseHandler):
    """Reads answers, and few that are only interim.

    aiohttp would go on reading them, and all that runs in the event loop would wait.
    """

    interim = 0

    async def read(self) -> tuple[RawResponseMessage, aiohttp.StreamReader]:
        found = await super().read()
        self.interim = self.interim + 1 if found[0].code < 200 else 0
        if self.interim > MOST_INTERIM:
            raise HttpProcessingError(message="no answer but interim ones")
        return found


def _refuse(address: Address, host: str, allowed: Sequence[Network]) -> None:
    kind = refusal(address, allowed)
    if kind:
        which = str(address) if str(address) == host else f"{host} leads to {address}, which"
        raise AddressRefused(
            f"{which} is no public address ({kind}): give a public one, or let "
            f"TOCSIN_ALLOW_NETWORKS name its network, such as {ip_network(address)}"
        )


def _result(host: str, address: Address, port: int) -> ResolveResult:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return ResolveResult(
        hostname=host, host=str(address), port=port, family=family, proto=0, flags=0
    )
