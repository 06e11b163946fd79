"""The way to a server, which a test can hold up, break and restore: Redis's, on loopback."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from service.store.client import script_text


def asks_for(script: str) -> bytes:
    """What stands in each request to run a script of the store."""
    return hashlib.sha1(script_text(script).encode(), usedforsecurity=False).hexdigest().encode()


class Gate:
    """Passes on what clients send to a server, a request at a time, and what it answers."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._open = asyncio.Event()
        self._open.set()
        self._left = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self.away = False
        """Whether each connection is closed at once, as where there is no server."""
        self.refused = 0
        """Connections that were closed at once."""
        self.breaks = b""
        """A connection is closed instead of passing on a request that has this in it."""
        self.broken = 0
        """Connections that were closed so."""
        self.loses = b""
        """The same once the server has got such a request: nobody hears its answer."""
        self.watched = b""
        """Each request that has this in it first awaits the next of `before`."""
        self.before: list[Callable[[], Awaitable[object]]] = []
        self.held = 0
        """Requests that did."""
        self.waiting = 0
        """Requests that wait."""
        self.requests: list[bytes] = []
        """Each that came, in their order."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        self.open()
        await self._server.wait_closed()

    def shut(self) -> None:
        """Let requests wait."""
        self._open.clear()

    def open(self, most: int = 0) -> None:
        """Let requests pass: so many and then no more, or all."""
        self._left = most
        self._open.set()

    def cut(self) -> None:
        """Break every connection, and let no other be made until `away` is false."""
        self.away = True
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.away:
            self.refused += 1
            writer.transport.abort()
            return
        answers, server = await self._server_connection()
        self._writers |= {writer, server}
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._requests(reader, server, writer))
            ways.create_task(_pass_on(answers, writer))
        self._writers -= {writer, server}

    async def _server_connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._to.scheme == "unix":
            return await asyncio.open_unix_connection(self._to.path)
        return await asyncio.open_connection(self._to.hostname, self._to.port)

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        server: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
    ) -> None:
        while said := await _next(reader):
            self.requests.append(said)
            if self.before and self.watched in said:
                self.held += 1
                await self.before.pop(0)()
            self.waiting += 1
            await self._open.wait()
            self.waiting -= 1
            if self._left:
                self._left -= 1
                if not self._left:
                    self._open.clear()
            if self.breaks and self.breaks in said:
                self.broken += 1
                client.transport.abort()
                break
            server.write(said)
            if self.loses and self.loses in said:
                self.broken += 1
                client.transport.abort()
                break
        server.close()


async def _pass_on(answers: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    while said := await _next(answers):
        client.write(said)
    client.close()


async def _next(stream: asyncio.StreamReader) -> bytes:
    """What comes next; b"" when the connection has ended, however."""
    with suppress(ConnectionError):
        return await stream.read(1 << 20)
    return b""
