"""One HTTP request to a receiver, over connections that only go where they may.

httpx reads the URL and knows whom to trust; aiohttp carries the request, several times as many as
httpx's own transport does (docs/benchmarks.md). Its session is used bare: no cookies, no redirects,
no proxies.
"""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

import aiohttp
import httpx
from yarl import URL

from service.delivery.http.address import AddressRefused, Network, connector
from service.delivery.http.answer import Answer
from service.delivery.http.resolver import Names

TIMEOUT = 15.0
"""Seconds for the whole of an attempt, from the name's look-up to the last byte."""
CONNECT_TIMEOUT = 5.0
"""Seconds for one address, so that a dead first address leaves time for the second."""
READ_LIMIT = 20_000
"""Bytes of an answer that are read; then the connection is closed."""

_WHOLE = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why there was none, in words that hold nothing of the URL but its host."""

    reason: str


@dataclass(slots=True)
class _Try:
    """What is known of one try of a request."""

    connected: bool = False
    """Over a connection of its own; one that was kept alive may be closed by now."""


# aiohttp's tracing tells the same, and costs a tenth of a request.
_trying: ContextVar[_Try] = ContextVar("trying")


def _connecting() -> None:
    _trying.get().connected = True


class Exchange:
    """The connections of one process to all receivers.

    `allowed` are networks that may receive although they are not public; `version` is Tocsin's.
    """

    def __init__(self, *, version: str, allowed: Sequence[Network] = ()) -> None:
        self._agent = f"Tocsin/{version}"
        self._allowed = tuple(allowed)
        self._tls = public_trust()
        self._session: aiohttp.ClientSession | None = None
        self._names: Names | None = None

    async def send(
        self,
        request: Post,
        seconds: float,
        *,
        limit: int = READ_LIMIT,
        tls: ssl.SSLContext | None = None,
    ) -> Answer | NoAnswer:
        """Send within so many seconds, and read so many bytes of what comes back.

        `tls` for a receiver with a certificate authority, or a client certificate, of its own.
        It never raises for what a receiver or a network does.
        """
        request.headers["user-agent"] = self._agent
        received = _Received()
        try:
            async with asyncio.timeout(seconds):
                tried = _Try()
                try:
                    await self._carry(request, limit, received, tried, tls)
                except (aiohttp.ClientConnectionError, ConnectionResetError) as error:
                    # Not its answer to this request: it had closed the connection before.
                    if tried.connected or received.status or not _was_closed(error):
                        raise
                    await self._carry(request, limit, received, _Try(), tls)
        except (TimeoutError, aiohttp.ClientError, OSError, AddressRefused) as error:
            if not received.status:
                return NoAnswer(_trouble(error, seconds))
        # Once the status has come, the receiver stands by it, whatever became of the rest.
        text = received.body.decode("utf-8", "replace")
        return Answer(received.status, received.headers, text)

    async def _carry(
        self,
        request: Post,
        limit: int,
        received: _Received,
        tried: _Try,
        tls: ssl.SSLContext | None,
    ) -> None:
        _trying.set(tried)
        async with self._connections().request(
            "POST",
            request.url,
            data=request.body,
            headers=request.headers,
            allow_redirects=False,
            timeout=_WHOLE,
            ssl=tls or True,
        ) as answer:
            received.headers = answer.headers
            received.status = answer.status
            async for chunk in answer.content.iter_any():
                received.body += chunk[: limit - len(received.body)]
                if len(received.body) == limit:
                    answer.close()
                    return

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:  # it belongs to the loop that is running
            self._names = Names()
            find = self._names.look_up
            self._session = aiohttp.ClientSession(
                connector=connector(self._allowed, self._tls, find, connecting=_connecting),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    async def aclose(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        if self._names is not None:
            self._names.close()


def _was_closed(error: Exception) -> bool:
    """Whether the connection had come to its end, as was seen when it was written to or read."""
    ends = (aiohttp.ServerDisconnectedError, ConnectionResetError)
    # While a request's body is written, aiohttp wraps it.
    wrapped = isinstance(error.__cause__, aiohttp.ClientConnectionResetError)
    return isinstance(error, ends) or wrapped


def public_trust() -> ssl.SSLContext:
    """Trusts the public authorities, and none that the environment names."""
    return httpx.create_ssl_context(trust_env=False)


class _Received:
    """What has come of an answer so far."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.body = b""


@dataclass(slots=True)
class Post:
    """A POST of JSON."""

    url: URL
    body: bytes
    headers: dict[str, str]


def post(text: str, body: bytes) -> Post:
    """A POST of JSON to this URL. Raises ValueError for an unusable one."""
    url, login = _address(text)
    headers = {"content-type": "application/json", "accept-encoding": "identity", **login}
    return Post(url, body, headers)


@lru_cache(maxsize=10_000)
def _address(text: str) -> tuple[URL, dict[str, str]]:
    """A URL as it is asked for, and the login that stood in it. Raises ValueError."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("the subscriber's URL is not a valid http or https address")
    login = {}
    if url.userinfo:
        given = f"{url.username}:{url.password}".encode()
        login["authorization"] = "Basic " + base64.b64encode(given).decode()
    return URL(str(url.copy_with(userinfo=b"")), encoded=True), login


def _trouble(error: Exception, seconds: float) -> str:
    match error:
        case AddressRefused():
            return str(error)
        case aiohttp.ConnectionTimeoutError():
            return f"no connection within {CONNECT_TIMEOUT:g} s"
        case aiohttp.ClientConnectorError(os_error=cause):
            if cause.errno is None or isinstance(cause, ssl.SSLError):
                return f"no connection: {cause}"
            return f"no connection: {os.strerror(cause.errno)}"
        case aiohttp.InvalidURL():
            return "the subscriber's URL is not a valid http or https address"
        case TimeoutError():
            return f"no answer within {round(seconds, 1):g} s"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientResponseError():
            return "the receiver closed the connection, or did not speak HTTP"
        case _:
            return "the connection broke"
