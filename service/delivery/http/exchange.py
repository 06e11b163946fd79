"""One attempt over HTTP: a request within its time, and the beginning of the answer.

It speaks to any `httpx.AsyncBaseTransport`. httpx's own client is left out, because it costs as
much as the request (docs/adr/0027).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import httpx

from service.delivery.http.answer import Answer, redact

TIMEOUT = timedelta(seconds=15)
"""The time for the whole of an attempt, from the look-up of the name to the last byte."""
CONNECT_TIMEOUT = 5.0
"""Seconds for one address, so that a dead first address leaves time for the second."""
ANSWER_MAX_BYTES = 20_000
"""Bytes of an answer that are read; then the connection is closed."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A request without an answer; the reason holds nothing of the URL but its host."""

    reason: str


async def exchange(
    transport: httpx.AsyncBaseTransport,
    request: httpx.Request,
    time_left: timedelta,
    *,
    max_bytes: int = ANSWER_MAX_BYTES,
) -> Answer | NoAnswer:
    """Send the request within `time_left`, and read up to `max_bytes` of the answer.

    It does not raise for what a receiver or a network does. An answer counts as soon as its status
    has come, whatever happens to the rest.
    """
    # All of it has a deadline here; a transport needs a limit of its own to connect only.
    request.extensions["timeout"] = {"connect": CONNECT_TIMEOUT}
    response, body, reason = None, b"", ""
    try:
        async with asyncio.timeout(time_left.total_seconds()):
            response = await transport.handle_async_request(request)
            # Undecoded: a few bytes could become gigabytes, and requests ask for no encoding.
            stream = cast("httpx.AsyncByteStream", response.stream)
            try:
                async for chunk in stream:
                    body += chunk[: max_bytes - len(body)]
                    if len(body) == max_bytes:
                        break
            finally:
                await stream.aclose()
    except TimeoutError:
        reason = f"no answer within {round(time_left.total_seconds(), 1):g} s"
    except (httpx.HTTPError, OSError) as error:
        # Our transport's texts are harmless; another's may hold the URL.
        reason = redact(str(error), str(request.url)) or f"no answer ({type(error).__name__})"
    if response is None:
        return NoAnswer(reason)
    text = body.decode("utf-8", "replace")
    if fault := response.extensions.get("fault"):
        text = f"(what follows the status cannot be read: {fault})"
    return Answer(response.status_code, response.headers, text, reason)
