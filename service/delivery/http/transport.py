"""The transport of deliveries: httpx's interface over aiohttp's connections.

A request is an `httpx.Request`, an answer an `httpx.Response`, a failure an `httpx.TransportError`.
So any other transport of httpx can replace this one, or wrap it. aiohttp carries the request,
because it makes several times as many a second as httpx's own transport (docs/benchmarks.md). Its
session is bare: no cookies, no redirects, no proxies, no decompression.

Extensions of a request that count here; the first two are httpx's own:

- `timeout`: seconds to `connect` to one address, and to `read` the next bytes of the answer.
- `target`: path and query as bytes, sent as they are; without it, those of the request's URL.
- `ssl_context`: whom to trust, and which certificate to present, instead of the public defaults.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

import aiohttp
import httpx
from yarl import URL

from service.delivery.http.address import AddressRefused, Network
from service.delivery.http.connector import BrokenAnswerError, make_connector
from service.delivery.http.failure import transport_error
from service.delivery.http.request import DeliveryRequest
from service.delivery.http.resolver import Resolver
from service.delivery.http.trust import shared_trust

MAX_HEAD_LINE = 65_536
"""Bytes of one line before an answer's body."""
MAX_HEADERS = 1_000
"""Of an answer: some set hundreds of cookies."""

Headers = Mapping[str, str] | list[tuple[str, str]]
"""Headers as aiohttp takes them."""

_FAILURES = (aiohttp.ClientError, OSError, ValueError, AddressRefused)
"""What aiohttp raises for a receiver, a network or a request that is not HTTP; TimeoutError is an
OSError."""


@dataclass(slots=True)
class _Try:
    """One try of a request."""

    connected: bool = False
    """Whether it opened a connection; one that was kept alive may be closed by now."""


# aiohttp's tracing reports new connections too, and costs a tenth of a request.
_current_try: ContextVar[_Try] = ContextVar("current_try")


def _note_connection() -> None:
    _current_try.get().connected = True


class AiohttpTransport(httpx.AsyncBaseTransport):
    """The connections of one process to all receivers.

    `allowed` are networks that may receive although they are not public.
    """

    def __init__(self, *, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)
        self._tls = shared_trust()
        self._session: aiohttp.ClientSession | None = None
        self._resolver: Resolver | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx.TransportError, whose text holds no more of the URL than
        the host; it is raised without its cause, because aiohttp's texts hold the whole URL.

        An answer of which only the status can be read has the extension `fault`, which says why.
        A request that finds its kept-alive connection closed is sent once more at once: the
        receiver closed it before the request came.
        """
        stream = request.stream
        # An asynchronous generator would cost more than the copy of a whole body.
        body = b"".join(stream) if isinstance(stream, httpx.ByteStream) else await request.aread()
        first = _Try()
        try:
            try:
                answer = await self._send(request, body, first)
            except (aiohttp.ClientConnectionError, ConnectionResetError) as error:
                if first.connected or not _was_closed(error):
                    raise
                answer = await self._send(request, body, _Try())
        except _FAILURES as error:
            broken = error.__cause__
            if isinstance(broken, BrokenAnswerError):
                return httpx.Response(broken.code, extensions={"fault": broken.message})
            raise transport_error(error, request.extensions.get("timeout", {})) from None
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=_AnswerStream(answer, request),
        )

    async def _send(
        self, request: httpx.Request, body: bytes, current: _Try
    ) -> aiohttp.ClientResponse:
        _current_try.set(current)
        timeout = request.extensions.get("timeout", {})
        headers: Headers
        if isinstance(request, DeliveryRequest) and request.is_unchanged:
            url, headers = _aiohttp_url(request.place.text), request.plain_headers
        else:
            url, headers = _url_asked_for(request), _headers_asked_for(request)
        return await self._running_session().request(
            request.method,
            url,
            data=body or None,
            headers=headers,
            allow_redirects=False,
            timeout=_aiohttp_timeout(timeout.get("connect"), timeout.get("read")),
            ssl=request.extensions.get("ssl_context", True),
        )

    def _running_session(self) -> aiohttp.ClientSession:
        if self._session is None:  # it belongs to the running event loop
            self._resolver = Resolver()
            self._session = aiohttp.ClientSession(
                connector=make_connector(
                    self._allowed, self._tls, self._resolver.look_up, on_connect=_note_connection
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                max_line_size=MAX_HEAD_LINE,
                max_field_size=MAX_HEAD_LINE,
                max_headers=MAX_HEADERS,
            )
        return self._session

    async def aclose(self) -> None:
        """Close every connection; closing twice is harmless."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        if self._resolver is not None:
            self._resolver.close()


class _AnswerStream(httpx.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._content = answer.content
        self._request = request

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        content = self._content
        if content.at_eof():
            raise StopAsyncIteration
        try:
            return await content.readany()
        except _FAILURES as error:
            raise transport_error(error, self._request.extensions.get("timeout", {})) from None

    async def aclose(self) -> None:
        """Keep the connection where the whole answer was read, and close it otherwise."""
        self._answer.release()


def _was_closed(error: Exception) -> bool:
    """Whether the connection had ended, as was seen when it was written to or read."""
    ends = (aiohttp.ServerDisconnectedError, ConnectionResetError)
    # aiohttp wraps the error that comes while it writes a request's body.
    wrapped = isinstance(error.__cause__, aiohttp.ClientConnectionResetError)
    return isinstance(error, ends) or wrapped


def _url_asked_for(request: httpx.Request) -> URL:
    url = _aiohttp_url(str(request.url))
    target = request.extensions.get("target")
    if target is None:
        return url
    return _aiohttp_url(f"{url.scheme}://{url.raw_authority}{target.decode('ascii')}")


def _headers_asked_for(request: httpx.Request) -> Headers:
    # The whole body is known, so it is sent with its length and not in chunks.
    pairs = request.headers.multi_items()
    return [(name, text) for name, text in pairs if name != "transfer-encoding"]


@lru_cache(maxsize=10_000)
def _aiohttp_url(text: str) -> URL:
    return URL(text, encoded=True)  # yarl would quote it in its own way


@lru_cache(maxsize=100)
def _aiohttp_timeout(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)
