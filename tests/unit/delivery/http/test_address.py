"""Which addresses may receive deliveries."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, ip_address, ip_network

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.delivery.http.address import (
    AddressRefused,
    Network,
    check_address,
    refusal,
)
from service.delivery.http.connector import LookUp, checked_sockets, make_connector
from service.delivery.http.resolver import Resolver

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class Names:
    """A resolver that knows a few names, and what it was asked."""

    def __init__(self, addresses: dict[str, list[str]]) -> None:
        self._addresses = addresses
        self.asked: list[str] = []

    async def resolve(self, host: str, _port: int) -> list[str]:
        """The addresses of a name."""
        self.asked.append(host)
        return self._addresses[host]


REFUSED = (
    ("0.0.0.0", "this host"),
    ("0.1.2.3", "this host"),
    ("10.0.0.1", "private"),
    ("100.64.0.1", "carrier NAT"),
    ("100.100.100.200", "carrier NAT"),
    ("100.127.255.255", "carrier NAT"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("168.63.129.16", "cloud metadata"),
    ("169.254.1.1", "link-local and cloud metadata"),
    ("169.254.169.254", "link-local and cloud metadata"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.192", "reserved for protocols"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4 relay"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.1", "reserved or broadcast"),
    ("255.255.255.255", "reserved or broadcast"),
    ("::", "this host"),
    ("::1", "loopback"),
    ("::7f00:1", "reserved"),
    ("100::1", "reserved"),
    ("64:ff9b:1::a00:1", "local NAT64"),
    ("2001::1", "reserved for protocols, Teredo among them"),
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "reserved for protocols, Teredo among them"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::", "6to4"),
    ("2002:a00:1::", "6to4"),
    ("3fff::1", "documentation"),
    ("5f00::1", "reserved"),
    ("fc00::1", "private"),
    ("fd00:ec2::254", "private"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "reserved"),
    ("ff02::1", "multicast"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:10.0.0.1", "private"),
    ("::ffff:169.254.169.254", "link-local and cloud metadata"),
    ("64:ff9b::127.0.0.1", "loopback"),
    ("64:ff9b::a00:1", "private"),
    ("64:ff9b::169.254.169.254", "link-local and cloud metadata"),
)

PUBLIC = (
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:831::200e",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
)


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_what_is_not_public_is_refused(text: str, kind: str) -> None:
    """Every special range is refused by its name, also inside an IPv6 form of it."""
    assert refusal(ip_address(text)) == kind


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is_not_refused(text: str) -> None:
    """The neighbours of the special ranges, and public addresses in IPv6 form, may receive."""
    assert refusal(ip_address(text)) is None


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("::ffff:127.0.0.1", "127.0.0.0/8"),
        ("64:ff9b::10.1.2.3", "10.0.0.0/8"),
        ("::ffff:10.0.0.1", "::ffff:0:0/96"),
        ("::1", "::1/128"),
        ("fd12::1", "fd12::/16"),
    ],
)
def test_an_allowed_network_is_not_refused(text: str, network: str) -> None:
    """TOCSIN_ALLOW_NETWORKS may name the address as it stands or the IPv4 one inside it."""
    assert refusal(ip_address(text), [ip_network(network)]) is None


def test_an_allowed_network_allows_no_other() -> None:
    """To allow loopback is not to allow the office network."""
    assert refusal(ip_address("10.0.0.1"), [ip_network("127.0.0.0/8")]) == "private"


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_no_ipv6_form_gets_round_the_rule_for_ipv4(number: int) -> None:
    """Mapped and NAT64 forms of an IPv4 address are judged as that address."""
    plain = refusal(IPv4Address(number))
    for form in (f"::ffff:{IPv4Address(number)}", f"64:ff9b::{IPv4Address(number)}"):
        assert refusal(ip_address(form)) == plain


@given(st.integers(min_value=10 << 24, max_value=(11 << 24) - 1))
def test_an_ipv6_form_carries_the_whole_ipv4_address(number: int) -> None:
    """Bit for bit: one allowed address allows itself in each form, and not its neighbour."""
    address = IPv4Address(number)
    neighbour, only = IPv4Address(number ^ 1), [ip_network(f"{address}/32")]
    for form in ("::ffff:{}", "64:ff9b::{}"):
        assert refusal(ip_address(form.format(address)), only) is None
        assert refusal(ip_address(form.format(neighbour)), only) == "private"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("10.0.0.1", "10.0.0.1 is not a public address (private): "),
        ("intra.example", "intra.example leads to 10.0.0.1, which is not a public address"),
    ],
)
def test_a_refusal_says_where_the_name_leads(host: str, said: str) -> None:
    """An address in the URL leads nowhere else."""
    with pytest.raises(AddressRefused) as raised:
        check_address("10.0.0.1", host, [])
    assert str(raised.value).startswith(said)
    assert str(raised.value).endswith("TOCSIN_ALLOW_NETWORKS, such as 10.0.0.1/32")


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_what_the_library_calls_private_is_refused(number: int) -> None:
    """Whatever this Python's own table knows as private or multicast, ours refuses too."""
    address = IPv4Address(number)
    if address.is_private or address.is_multicast or address.is_reserved:
        # Two service addresses in 192.0.0.0/24 count as global in newer releases; ours refuses all.
        assert refusal(address) is not None


async def reach(
    host: str, port: int, allowed: Sequence[Network] = (), look_up: LookUp | None = None
) -> None:
    """Connect to a port of a host; raises what stands in the way of it."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    given = look_up or Resolver().look_up
    async with aiohttp.ClientSession(connector=make_connector(allowed, tls, given)) as session:
        name = f"[{host}]" if ":" in host else host
        try:
            async with asyncio.timeout(5), session.post(f"http://{name}:{port}/"):
                pass
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return  # closed by who listens there


@asynccontextmanager
async def listening(address: str = "127.0.0.1") -> AsyncIterator[tuple[int, list[str]]]:
    """A port where connections are taken, noted and closed: the port, and who was connected to."""
    reached: list[str] = []

    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(writer.get_extra_info("sockname")[0])
        writer.close()

    server = await asyncio.start_server(close, address, 0)
    async with server:
        yield server.sockets[0].getsockname()[1], reached


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "0x7f.1",
        "127.1",
        "2130706433",
        "017700000001",
        "0",
        "::ffff:127.0.0.1",
        "::1",
        "0.0.0.0",
        "::",
    ],
)
async def test_no_spelling_of_this_host_is_connected_to(host: str) -> None:
    """Names and odd literals are judged by the address that they lead to, before any connection."""
    async with listening() as (port, reached):
        with pytest.raises((AddressRefused, aiohttp.InvalidURL)):
            await reach(host, port)
        assert reached == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f.1", "::ffff:127.0.0.1"])
async def test_an_allowed_address_is_connected_to(host: str) -> None:
    """What the setting allows is reached under any spelling."""
    async with listening() as (port, reached):
        await reach(host, port, LOOPBACK)
        assert len(reached) == 1


async def test_one_refused_answer_refuses_the_name() -> None:
    """A name that leads to a public and to a private address is refused as a whole."""
    names = Names({"two.example": ["1.1.1.1", "10.0.0.1"]})
    with pytest.raises(AddressRefused, match=r"^two\.example leads to 10\.0\.0\.1, .*private"):
        await reach("two.example", 443, look_up=names.resolve)


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    """The name is looked up once: a second answer could be another one."""
    names = Names({"turn.example": ["127.0.0.1"]})
    async with listening() as (port, reached):
        await reach("turn.example", port, LOOPBACK, names.resolve)
        assert reached == ["127.0.0.1"]
    assert names.asked == ["turn.example"]


async def test_an_answer_that_changes_is_judged_again() -> None:
    """A name that was public a moment ago, and is kept in no cache, reaches nothing private now."""
    answers = iter((["127.0.0.2"], ["127.0.0.1"]))

    async def turn(_host: str, _port: int) -> list[str]:
        return next(answers)

    async with listening("127.0.0.2") as (port, reached):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made = make_connector([ip_network("127.0.0.2/32")], tls, turn)
        async with aiohttp.ClientSession(connector=made) as session:
            with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
                await session.post(f"http://turn.example:{port}/")
            with pytest.raises(AddressRefused, match=r"leads to 127\.0\.0\.1"):
                await session.post(f"http://turn.example:{port}/")
    assert reached == ["127.0.0.2"]


async def test_an_answer_between_check_and_connection_is_judged() -> None:
    """Should another resolver answer for the connection, its sockets are judged all the same."""
    async with listening() as (port, reached):
        made = aiohttp.TCPConnector(
            resolver=aiohttp.ThreadedResolver(), socket_factory=checked_sockets(())
        )
        async with aiohttp.ClientSession(connector=made) as session:
            with pytest.raises(AddressRefused, match="loopback"):
                await session.post(f"http://localhost:{port}/")
    assert reached == []


def test_the_very_address_of_a_socket_is_judged() -> None:
    """Whatever a resolver said before, and whoever it was."""
    made = checked_sockets(())
    with pytest.raises(AddressRefused, match="loopback"):
        made((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))
    with pytest.raises(AddressRefused, match="link-local"):
        made((socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("fe80::1%eth0", 80, 0, 2)))
    made((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("1.1.1.1", 443))).close()


async def test_the_next_address_is_tried_when_the_first_is_dead() -> None:
    """A name with a dead address still receives on its other one."""
    names = Names({"two.example": ["127.0.0.1", "127.0.0.2"]})
    async with listening("127.0.0.2") as (port, reached):
        await reach("two.example", port, LOOPBACK, names.resolve)
        assert reached == ["127.0.0.2"]


async def test_a_name_that_does_not_resolve_is_named() -> None:
    """The record says which name has no address."""
    with pytest.raises(aiohttp.ClientConnectorDNSError) as raised:
        await reach("desk.invalid", 443)
    assert "desk.invalid does not resolve" in str(raised.value.os_error)
