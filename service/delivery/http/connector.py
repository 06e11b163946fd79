"""Connections of aiohttp that go to checked addresses only.

Every address is checked twice, by interfaces that aiohttp documents. The resolver refuses a name
when any of its addresses is refused. The socket factory checks the very address that is connected
to, so no second look-up can give another answer. Odd literals (`0x7f.1`, `2130706433`) are refused
by aiohttp, or pass through the same resolver as names.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import AddrInfoType
from aiohttp.helpers import _EXC_SENTINEL
from aiohttp.http import HttpProcessingError, RawResponseMessage

from service.delivery.http.address import Network, check_address

MAX_INTERIM_ANSWERS = 10
"""Answers such as 103 (Early Hints) that are read before the final one."""

STATUS_LINE_MAX_BYTES = 16
"""Bytes of an answer's beginning that are kept: as far as its status."""
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-5][0-9]{2})[ \r\n]")
_NO_CAUSE: BaseException = _EXC_SENTINEL

LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host and port. Raises OSError when there is none."""


def make_connector(
    allowed: Sequence[Network],
    tls: ssl.SSLContext,
    look_up: LookUp,
    *,
    on_connect: Callable[[], None] = lambda: None,
) -> aiohttp.TCPConnector:
    """Connections to public and `allowed` addresses; call it within a running event loop.

    It has no limits, because the worker bounds the number of requests at once. It keeps no
    addresses, because a name that was public a minute ago may lead elsewhere now. `on_connect` is
    called, in the context of its request, before each new connection.
    """
    made = aiohttp.TCPConnector(
        limit=0,
        use_dns_cache=False,
        resolver=_CheckedResolver(allowed, look_up),
        socket_factory=checked_sockets(allowed, on_connect),
        ssl=tls,
    )
    reader: type[ResponseHandler] = _AnswerReader
    # aiohttp has no other way to choose the protocol that reads answers.
    made._factory = partial(reader, loop=asyncio.get_running_loop())  # noqa: SLF001
    return made


def checked_sockets(
    allowed: Sequence[Network], on_connect: Callable[[], None] = lambda: None
) -> Callable[[AddrInfoType], socket.socket]:
    """A factory of sockets; it raises AddressRefused for an address that may not receive.

    aiohttp gives it the address that it is about to connect to. An address literal in a URL comes
    here too, and no resolver sees that one.
    """

    def make_socket(found: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = found
        host = str(place[0]).partition("%")[0]
        on_connect()
        check_address(host, host, allowed)
        return socket.socket(family, kind, protocol)

    return make_socket


class _CheckedResolver(AbstractResolver):
    """Resolves names; raises AddressRefused for a name when any of its addresses is refused."""

    def __init__(self, allowed: Sequence[Network], look_up: LookUp) -> None:
        self._allowed = tuple(allowed)
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The name's addresses, in the order in which they are tried."""
        del family  # addresses of both families are looked up, and both are checked
        found = await self._look_up(host, port)
        for text in found:
            check_address(text, host, self._allowed)
        return [_resolve_result(host, text, port) for text in found]

    async def close(self) -> None:
        """There is nothing to close."""


def _resolve_result(host: str, text: str, port: int) -> ResolveResult:
    address = ip_address(text)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return ResolveResult(
        hostname=host, host=str(address), port=port, family=family, proto=0, flags=0
    )


class BrokenAnswerError(HttpProcessingError):
    """The status of an answer could be read, and what follows it could not.

    `code` is the status, `message` what was wrong.
    """


class _AnswerReader(ResponseHandler):
    """Reads answers, and a bounded number of interim ones.

    aiohttp would read interim answers without end, and block the event loop meanwhile. It would
    also take an answer with a fault behind its status for none, so that a delivery which was
    accepted would be sent again.
    """

    _interim = 0
    _start = b""

    def set_response_params(self, **params: Any) -> None:
        self._start = b""  # aiohttp calls this before each request
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if len(self._start) < STATUS_LINE_MAX_BYTES:
            self._start += data[: STATUS_LINE_MAX_BYTES - len(self._start)]
        super().data_received(data)

    def set_exception(self, exc: BaseException, exc_cause: BaseException = _NO_CAUSE) -> None:
        if found := _STATUS_LINE.match(self._start):
            fault = "the connection ended"
            if isinstance(exc_cause, HttpProcessingError):
                fault = " ".join(exc_cause.message.split())
            exc = BrokenAnswerError(code=int(found[1]), message=fault)
        super().set_exception(exc, exc_cause)

    async def read(self) -> tuple[RawResponseMessage, aiohttp.StreamReader]:
        found = await super().read()
        self._interim = self._interim + 1 if found[0].code < 200 else 0
        if self._interim > MAX_INTERIM_ANSWERS:
            raise HttpProcessingError(message="more interim answers than are read")
        return found
