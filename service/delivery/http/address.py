"""Which addresses may receive deliveries: those of the public internet, and allowed networks.

The author of a rules file writes a subscriber's URL, and must not reach the network that Tocsin
runs in. `connector` applies these rules to every address of a name, and to the address that a
socket connects to.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from service.errors import TocsinError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA's registries of special-purpose addresses, and the metadata addresses of clouds. The list is
# complete, because `ipaddress.is_global` answers differently from one Python release to the next.
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
"""All global addresses that IANA has assigned so far; the rest of IPv6 is reserved."""
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(TocsinError):
    """A receiver's address is not public, and no setting allows it."""


def check_address(text: str, host: str, allowed: Sequence[Network]) -> None:
    """Raise AddressRefused for an address that may not receive; `host` is its name in the URL."""
    address = ip_address(text)
    kind = refusal(address, allowed)
    if kind:
        which = str(address) if str(address) == host else f"{host} leads to {address}, which"
        raise AddressRefused(
            f"{which} is not a public address ({kind}): use a public one, or add its network to "
            f"TOCSIN_ALLOW_NETWORKS, such as {ip_network(address)}"
        )


def refusal(address: Address, allowed: Sequence[Network] = ()) -> str | None:
    """The kind of an address that may not receive, such as "loopback"; None when it may."""
    carried = _carried_address(address)
    if any(one in network for network in allowed for one in {address, carried}):
        return None
    for network, name in REFUSED:
        if carried in network:
            return name
    if isinstance(carried, IPv6Address) and carried not in _GLOBAL_IPV6:
        return "reserved"
    return None


def _carried_address(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, NAT64); any other address as it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
