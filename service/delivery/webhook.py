"""Webhooks as Standard Webhooks has them: one signed POST, and what the answer means."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, unquote_plus, urlsplit

import httpx
from standardwebhooks import Webhook as Signer

from service.delivery.address import AddressRefused, Network, PublicTransport
from service.delivery.outcome import Delivered, GiveUp, Outcome, Report, Retry
from service.subscriber import Subscriber, Webhook

TIMEOUT = 15.0
"""Seconds for the whole of an attempt, from the name's look-up to the last byte."""
CONNECT_TIMEOUT = 5.0
"""Seconds for one address, so that a dead first address leaves time for the second."""
READ_LIMIT = 20_000
"""Bytes of an answer that are read; then the connection is closed."""
KEPT_RESPONSE = 1_000
"""Code points of an answer that are kept with the attempt."""
KEPT_ALIVE = 4
"""Idle connections kept for one subscriber."""

BUSY = frozenset({429, 502, 503, 504})
"""The statuses whose Retry-After is honoured."""
GONE = 410


@dataclass(slots=True)
class _Line:
    """The connections to one subscriber's webhook, and how many requests are on them."""

    webhook: Webhook
    transport: PublicTransport
    users: int = 0


class WebhookSender:
    """Sends events, to each subscriber over connections of its own: small pools are fast ones.

    Requests go to the transport directly: a client above it would keep cookies, write whole URLs
    to its log, and look for proxies. `allowed` are networks that may receive although they are
    not public; `version` is Tocsin's.
    """

    def __init__(
        self, *, version: str, allowed: Sequence[Network] = (), timeout: float = TIMEOUT
    ) -> None:
        self.timeout = timeout
        self._agent = f"Tocsin/{version}"
        self._allowed = tuple(allowed)
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._lines: dict[str, _Line] = {}

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt. It never raises for what a receiver or a network does.

        `delivery_id` is the `webhook-id`, the same on every attempt; `at` its timestamp.
        """
        webhook = subscriber.webhook
        try:
            signature = sign(webhook, delivery_id, body, at)
            request = _request(webhook.url.reveal(), body)
        except ValueError as error:
            return Report(Retry(str(error)))
        request.headers["user-agent"] = self._agent
        request.headers["webhook-id"] = delivery_id
        request.headers["webhook-timestamp"] = str(int(at.timestamp()))
        request.headers["webhook-signature"] = signature
        return await self._exchange(subscriber, request, at)

    async def aclose(self) -> None:
        """Close every connection."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            await line.transport.aclose()

    async def _exchange(
        self, subscriber: Subscriber, request: httpx.Request, at: datetime
    ) -> Report:
        answer: httpx.Response | None = None
        received, trouble = bytearray(), ""
        try:
            async with asyncio.timeout(self.timeout), self._line(subscriber) as transport:
                answer = await transport.handle_async_request(request)
                async with aclosing(answer):
                    async for chunk in answer.aiter_raw():
                        received += chunk[: READ_LIMIT - len(received)]
                        if len(received) == READ_LIMIT:
                            break
        except (TimeoutError, httpx.TransportError, AddressRefused) as error:
            trouble = _trouble(error, self.timeout)
        if answer is None:
            return Report(Retry(trouble))
        # Once the status has come, the receiver stands by it, whatever became of the rest.
        text = redact(received.decode("utf-8", "replace"), subscriber.webhook.url.reveal())
        outcome = judge(answer.status_code, answer.headers, at)
        return Report(outcome, answer.status_code, text[:KEPT_RESPONSE])

    @asynccontextmanager
    async def _line(self, subscriber: Subscriber) -> AsyncIterator[PublicTransport]:
        line = self._lines.get(subscriber.id)
        if line is None or line.webhook != subscriber.webhook:
            left, line = line, _Line(subscriber.webhook, self._transport())
            self._lines[subscriber.id] = line
            if left and not left.users:
                await left.transport.aclose()
        line.users += 1
        try:
            yield line.transport
        finally:
            line.users -= 1
            if not line.users and self._lines.get(subscriber.id) is not line:
                await line.transport.aclose()

    def _transport(self) -> PublicTransport:
        # The worker bounds how many requests there are at once; the pool need not.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_ALIVE)
        return PublicTransport(self._allowed, self._tls, limits)


def _request(text: str, body: bytes) -> httpx.Request:
    """The POST without its Standard Webhooks headers. Raises ValueError for an unusable URL."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("the subscriber's URL is not a valid http or https address")
    timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT)
    headers = {"content-type": "application/json", "accept-encoding": "identity"}
    if url.userinfo:
        given = f"{url.username}:{url.password}".encode()
        headers["authorization"] = "Basic " + base64.b64encode(given).decode()
    return httpx.Request(
        "POST", url, content=body, headers=headers, extensions={"timeout": timeout.as_dict()}
    )


def _trouble(error: Exception, timeout: float) -> str:
    """What happened, in words that hold nothing of the URL but its host."""
    match error:
        case AddressRefused():
            return str(error)
        case httpx.ConnectTimeout():
            return f"no connection within {CONNECT_TIMEOUT:g} s"
        case httpx.ConnectError():
            return f"no connection: {error}"
        case TimeoutError():
            return f"no answer within {timeout:g} s"
        case httpx.RemoteProtocolError():
            return "the receiver closed the connection, or did not speak HTTP"
        case _:
            return f"the connection broke ({type(error).__name__})"


def sign(webhook: Webhook, delivery_id: str, body: bytes, at: datetime) -> str:
    """The `webhook-signature`: one for each secret. Raises ValueError for an unusable secret."""
    signatures = []
    for number, secret in enumerate(webhook.secrets, start=1):
        prefix, _, encoded = secret.reveal().partition("_")
        try:
            key = base64.b64decode(encoded, validate=True) if prefix == "whsec" else b""
        except ValueError:
            key = b""
        if not key:
            raise ValueError(f"signing secret {number} is not whsec_ followed by base64")
        signatures.append(Signer(key).sign(delivery_id, at.astimezone(UTC), body.decode()))
    if not signatures:
        raise ValueError("the subscriber has no signing secret")
    return " ".join(signatures)


def judge(status: int, headers: Mapping[str, str], now: datetime) -> Outcome:
    """What a status code means for the delivery (DESIGN.md §7)."""
    if 200 <= status < 300:
        return Delivered()
    if status == GONE:
        return GiveUp("answered 410: the receiver is gone", disable=True)
    if 300 <= status < 400:
        return Retry(f"answered {status}: redirects are not followed, give the final URL")
    wait = retry_after(headers.get("retry-after", ""), now) if status in BUSY else None
    return Retry(f"answered {status}", wait)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds from `now` that a Retry-After header means, in either form; None for neither."""
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds())


def redact(text: str, url: str) -> str:
    """`text` without the parts of the URL that may be secret: many servers echo the path."""
    parts = urlsplit(url)
    values = [pair.partition("=")[2] for pair in parts.query.split("&")]
    whole = f"{parts.path}?{parts.query}"
    secret = {whole, parts.path, parts.query, *values, parts.username or "", parts.password or ""}
    forms = {form for one in secret for form in (one, unquote(one), unquote_plus(one))}
    # The longest first, lest a part of one leave the rest of it behind.
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= 4:
            text = text.replace(form, "***")
    return text
