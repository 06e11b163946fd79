"""HTTP on bare sockets, for receivers that do with their connections what no library would."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harness.receiver import SECRET
from service.delivery.channels.webhook.rules_block import Tls, Webhook
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber

THANKS = b"HTTP/1.1 204 No Content\r\n\r\n"
"""An answer after which the connection stays open."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Request:
    """The next request on a connection. Raises IncompleteReadError when there is none."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    headers = {name.lower(): text for name, text in re.findall(r"([^:\r\n]+): (.*)\r\n", head)}
    return Request(headers, await reader.readexactly(int(headers["content-length"])))


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A port where `talk` has each connection, and closes it by coming to its end."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def subscriber(url: str, *, tls: Tls | None = None) -> Subscriber:
    """The subscriber whose program listens there."""
    return Subscriber("desk", Webhook(Secret(url), (Secret(SECRET),), tls=tls))
