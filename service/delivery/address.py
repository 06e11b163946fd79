"""Where deliveries may go: to the addresses of the public internet, and those that are allowed.

Whoever writes a subscriber's URL must not reach into the network that Tocsin runs in. So the name
is resolved here, every answer is judged, and the connection is made to the very address that was
judged: no second look-up that could give another answer. Odd literals (`0x7f.1`, `2130706433`)
need no rule of their own, because they pass through the same resolver as names.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import httpcore
import httpx

from service.errors import TocsinError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)

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


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, in the system's order. Raises ConnectError when it has none."""
    loop = asyncio.get_running_loop()
    try:
        answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise httpcore.ConnectError(f"{host} does not resolve: {words}") from error
    # A dictionary keeps the resolver's order and drops what it says twice.
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


class PublicBackend(httpcore.AsyncNetworkBackend):
    """Connects to public or allowed addresses only; raises AddressRefused for any other.

    A name is refused as a whole when any of its addresses is. `resolve` gives a name's addresses.
    """

    def __init__(self, allowed: Sequence[Network], resolve: Resolve = look_up) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, judge, and connect to the first address that answers, each within `timeout`."""
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in await self._judged(host, port):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectTimeout as error:
                failed = error
            except httpcore.ConnectError as error:
                failed = httpcore.ConnectError(_system_words(error))
        raise failed or httpcore.ConnectError(f"{host} has no address")

    async def _judged(self, host: str, port: int) -> Sequence[str]:
        found = await self._resolve(host, port)
        for text in found:
            kind = refusal(ip_address(text), self._allowed)
            if kind:
                which = text if text == host else f"{host} leads to {text}, which"
                raise AddressRefused(
                    f"{which} is no public address ({kind}): give a public one, or let "
                    f"TOCSIN_ALLOW_NETWORKS name its network, such as {ip_network(text)}"
                )
        return found


class PublicTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport on a PublicBackend: no proxy, no redirects, no retries of its own."""

    def __init__(
        self,
        allowed: Sequence[Network],
        ssl_context: ssl.SSLContext,
        limits: httpx.Limits,
    ) -> None:
        # httpx offers no parameter for the backend; its transport only ever uses this pool.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=PublicBackend(allowed),
        )


def _system_words(error: BaseException) -> str:
    """What the system said, such as "Connection refused"; the libraries wrap it away."""
    words, cause = str(error), error.__cause__ or error.__context__
    while cause:
        if isinstance(cause, OSError) and cause.errno:
            words = os.strerror(cause.errno)
        cause = cause.__cause__ or cause.__context__
    return words
