"""A subscriber's program: a real HTTP server on loopback that verifies, records, and misbehaves."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from types import TracebackType
from typing import Any, Self, cast

import uvicorn
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.delivery.channels.webhook.rules_block import Webhook
from service.rules.secret import Secret
from service.rules.subscribers.subscriber import Subscriber

SECRET = "whsec_dGhlIGRlc2sgb2YgdGhlIGRlZmVuY2UgZWRpdG9ycw=="
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    headers: Mapping[str, str]
    body: bytes
    connection: tuple[str, int]

    @property
    def id(self) -> str:
        """Its `webhook-id`."""
        return self.headers["webhook-id"]

    def verifies(self, secret: str = SECRET) -> bool:
        """Whether the reference library takes it for genuine."""
        try:
            Verifier(secret).verify(self.body, dict(self.headers))
        except WebhookVerificationError:
            return False
        return True


Behaviour = Callable[["Receiver", asyncio.Transport], Awaitable[Response]]


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer with this status; `retry_after="3"` becomes a header."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}

    async def behave(_receiver: Receiver, _transport: asyncio.Transport) -> Response:
        return Response(body, status, named)

    return behave


def hang() -> Behaviour:
    """Take the request and say nothing until the receiver closes."""

    async def behave(receiver: Receiver, _transport: asyncio.Transport) -> Response:
        await receiver.closing.wait()
        return Response()

    return behave


def reset() -> Behaviour:
    """Take the request and reset the connection."""

    async def behave(_receiver: Receiver, transport: asyncio.Transport) -> Response:
        held: socket.socket = transport.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return Response()

    return behave


def drip_headers() -> Behaviour:
    """Send header after header, a little at a time, and never the last."""

    async def behave(receiver: Receiver, transport: asyncio.Transport) -> Response:
        transport.write(b"HTTP/1.1 200 OK\r\n")
        while not receiver.closing.is_set() and not transport.is_closing():
            transport.write(b"x-drip: drop\r\n")
            await asyncio.sleep(0.02)
        return Response()

    return behave


def drip_body(status: int = 200) -> Behaviour:
    """Answer with this status at once, and with a body that never ends."""

    async def behave(receiver: Receiver, _transport: asyncio.Transport) -> Response:
        async def drops() -> AsyncIterator[bytes]:
            while not receiver.closing.is_set():
                yield b"drop "
                await asyncio.sleep(0.02)

        return StreamingResponse(drops(), status)

    return behave


def flood(size: int, status: int = 200) -> Behaviour:
    """Answer with a body of so many bytes, as fast as they are taken."""

    async def behave(receiver: Receiver, transport: asyncio.Transport) -> Response:
        async def waves() -> AsyncIterator[bytes]:
            while receiver.sent < size and not transport.is_closing():
                receiver.sent += 65536
                yield b"x" * 65536

        return StreamingResponse(waves(), status)

    return behave


class Receiver:
    """An HTTP server on a free port; `async with Receiver() as receiver`.

    It answers as `behaviours` say, one for each request, and with 204 when there is none left.
    """

    def __init__(self, *behaviours: Behaviour) -> None:
        self.requests: list[Received] = []
        self.behaviours = deque(behaviours)
        self.usual: Behaviour = answer(204)
        self.closing = asyncio.Event()
        self.sent = 0
        self._transports: dict[Any, asyncio.Transport] = {}

    @property
    def url(self) -> str:
        """Where it listens, with parts that are nobody's business."""
        return f"http://desk:p4ssword@127.0.0.1:{self.port}/hook/T0ken?key=s3cret"

    def subscriber(self, id_: str = "desk", *secrets: str) -> Subscriber:
        """The subscriber whose program this is."""
        texts = secrets or (SECRET,)
        return Subscriber(id_, Webhook(Secret(self.url), tuple(Secret(text) for text in texts)))

    @property
    def ids(self) -> list[str]:
        """The `webhook-id` of each request, in the order of arrival."""
        return [request.id for request in self.requests]

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        app = Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST", "GET"])])
        config = uvicorn.Config(
            app, http=self._protocol(), ws="none", lifespan="off", log_config=None, access_log=False
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([listening]))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.should_exit = True
        await self._serving

    async def _receive(self, request: Request) -> Response:
        client = cast("tuple[str, int]", tuple(request.scope["client"]))
        self.requests.append(Received(dict(request.headers), await request.body(), client))
        behave = self.behaviours.popleft() if self.behaviours else self.usual
        return await behave(self, self._transports[client])

    def _protocol(self) -> type[asyncio.Protocol]:
        transports = self._transports

        class Protocol(H11Protocol):
            """Lets the receiver reach the socket below the request."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                transports[transport.get_extra_info("peername")] = transport
                super().connection_made(transport)

        return Protocol


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the test run."""
        yield
