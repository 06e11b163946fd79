"""Serve an ASGI application in a running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.errors import ConfigError

REQUEST_TIMEOUT = timedelta(seconds=10)
"""How long a client may take for its request; then its connection is closed."""
MAX_CONNECTIONS = 100
"""With more, the one is closed that has waited longest for its request to be whole: clients that
send half of one must not keep a probe out."""


class _Connection(H11Protocol):
    """A connection that ends unless its request arrives in time."""

    deadline: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether no request of it is being answered."""
        cycle: Any = self.cycle  # None before the first request, which its type does not say
        return cycle is None or bool(cycle.response_complete)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request; the connection that has waited longest may have to go."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._await_request()
        every = [cast("_Connection", one) for one in self.connections]
        if len(every) > MAX_CONNECTIONS:
            oldest = min((one for one in every if one.waits), key=_deadline)  # at least this one
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._await_request()

    def _await_request(self) -> None:
        self._stop_waiting()
        self.deadline = self.loop.call_later(REQUEST_TIMEOUT.total_seconds(), self._give_up)

    def _stop_waiting(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()

    def _give_up(self) -> None:
        if self.waits:
            self.transport.abort()


def _deadline(connection: _Connection) -> float:
    return connection.deadline.when() if connection.deadline else 0.0


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process handles signals; uvicorn would replace its handlers."""
        yield


@asynccontextmanager
async def serving(app: Starlette, host: str, port: int) -> AsyncIterator[str]:
    """Serve `app` while the block runs; gives its URL. Port 0 takes any free port.

    Raises ConfigError where the process cannot listen at the address.
    """
    try:
        listener = _listen(host, port)
    except OSError as error:
        raise ConfigError(
            f"cannot listen at {host}:{port} ({error.strerror or error}); set TOCSIN_HOST and "
            "TOCSIN_PORT to an address of this machine and a free port. Each process needs a port "
            "of its own; 0 takes any"
        ) from error
    config = uvicorn.Config(
        app,
        http=_Connection,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
