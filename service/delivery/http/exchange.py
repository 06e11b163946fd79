"""One attempt over HTTP: a request within its time, and the beginning of the answer.

It speaks to any `httpx.AsyncBaseTransport`. httpx's own client is left out, because it costs as
much as the request (docs/adr/0040).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast

import httpx

from service.delivery.http.answer import Answer, redact

TIMEOUT = 15.0
"""Seconds for the whole of an attempt, from the look-up of the name to the last byte."""
CONNECT_TIMEOUT = 5.0
"""Seconds for one address, so that a dead first address leaves time for the second."""
ANSWER_MAX_BYTES = 20_000
"""Bytes of an answer that are read; then the connection is closed."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A request without an answer; the reason holds nothing of the URL but its host."""

    reason: str


@dataclass(slots=True)
class _Received:
    """The part of an answer that has come so far."""

    response: httpx.Response | None = None
    body: bytes = b""


async def exchange(
    transport: httpx.AsyncBaseTransport,
    request: httpx.Request,
    seconds: float,
    *,
    max_bytes: int = ANSWER_MAX_BYTES,
) -> Answer | NoAnswer:
    """Send the request within so many seconds, and read up to `max_bytes` of the answer.

    It does not raise for what a receiver or a network does. An answer counts as soon as its status
    has come, whatever happens to the rest.
    """
    connect = min(CONNECT_TIMEOUT, seconds)
    request.extensions["timeout"] = {
        "connect": connect,
        "read": seconds,
        "write": seconds,
        "pool": seconds,
    }
    received = _Received()
    reason = ""
    try:
        async with asyncio.timeout(seconds):
            await _receive(transport, request, received, max_bytes)
    except TimeoutError:
        reason = f"no answer within {round(seconds, 1):g} s"
    except httpx.HTTPError as error:
        # Our transport's texts are harmless; another's may hold the URL.
        reason = redact(str(error), str(request.url)) or f"no answer ({type(error).__name__})"
    response = received.response
    if response is None:
        return NoAnswer(reason)
    return Answer(response.status_code, response.headers, received.body.decode("utf-8", "replace"))


async def _receive(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, received: _Received, max_bytes: int
) -> None:
    response = received.response = await transport.handle_async_request(request)
    try:
        # Undecoded: a few bytes could become gigabytes, and requests ask for no encoding.
        async for chunk in cast("httpx.AsyncByteStream", response.stream):
            received.body += chunk[: max_bytes - len(received.body)]
            if len(received.body) == max_bytes:
                return
    finally:
        await response.aclose()
