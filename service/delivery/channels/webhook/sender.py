"""Webhooks as Standard Webhooks has them: one signed POST, and what the answer means."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import datetime

from service.delivery.channels.webhook.cloudevents import CONTENT_TYPE, structured
from service.delivery.http.address import Network
from service.delivery.http.answer import KEPT_RESPONSE, judge, redact
from service.delivery.http.exchange import TIMEOUT, Exchange, NoAnswer, Post, post, public_trust
from service.delivery.outcome import Report, Retry
from service.rules.channel import Tls, Webhook, secrets_of
from service.rules.subscribers.certificates import Stamp, Unusable, context, stamp
from service.rules.subscribers.signing import signer
from service.rules.subscribers.subscriber import Subscriber


class WebhookSender:
    """Sends events as they are; `allowed` networks may receive although they are not public."""

    def __init__(
        self, *, version: str, allowed: Sequence[Network] = (), timeout: float = TIMEOUT
    ) -> None:
        self.timeout = timeout
        self._exchange = Exchange(version=version, allowed=allowed)
        self._trust: dict[Tls, tuple[Stamp, ssl.SSLContext]] = {}

    async def send(
        self, subscriber: Subscriber, delivery_id: str, body: bytes, at: datetime
    ) -> Report:
        """Make one attempt. It never raises for what a receiver or a network does.

        `delivery_id` is the `webhook-id`, the same on every attempt; `at` its timestamp.
        """
        webhook = subscriber.channel
        if not isinstance(webhook, Webhook):
            raise TypeError(f"{subscriber.id} has no webhook")
        try:
            request = signed(webhook, delivery_id, body, at)
            tls = self._context(webhook.tls) if webhook.tls else None
        except (ValueError, Unusable) as error:
            return Report(Retry(str(error)))
        answer = await self._exchange.send(request, self.timeout, tls=tls)
        if isinstance(answer, NoAnswer):
            return Report(Retry(answer.reason))
        outcome = judge(answer.status, answer.headers, at)
        secrets = [secret.reveal() for secret in secrets_of(webhook)]
        text = redact(answer.text, webhook.url.reveal(), *secrets)
        return Report(outcome, answer.status, text[:KEPT_RESPONSE])

    def _context(self, tls: Tls) -> ssl.SSLContext:
        """Made once for a channel, and anew when one of its files is: certificates are renewed."""
        now = stamp(tls)
        known = self._trust.get(tls)
        if known is None or known[0] != now:
            known = self._trust[tls] = now, context(tls, public_trust)
        return known[1]

    async def aclose(self) -> None:
        """Close every connection."""
        await self._exchange.aclose()


def signed(webhook: Webhook, delivery_id: str, body: bytes, at: datetime) -> Post:
    """The request. Raises ValueError for an unusable URL or secret."""
    if webhook.format == "cloudevents":
        body = structured(body)
    request = post(webhook.url.reveal(), body)
    if webhook.format == "cloudevents":
        request.headers["content-type"] = CONTENT_TYPE
    request.headers |= {name.lower(): value.reveal() for name, value in webhook.headers}
    request.headers["webhook-id"] = delivery_id
    request.headers["webhook-timestamp"] = str(int(at.timestamp()))
    request.headers["webhook-signature"] = sign(webhook, delivery_id, body, at)
    return request


def sign(webhook: Webhook, delivery_id: str, body: bytes, at: datetime) -> str:
    """The `webhook-signature`: one for each secret. Raises ValueError for an unusable secret."""
    content = f"{delivery_id}.{int(at.timestamp())}.".encode() + body
    signatures = []
    for number, secret in enumerate(webhook.secrets, start=1):
        try:
            signatures.append(signer(secret.reveal())(content))
        except ValueError as error:
            raise ValueError(f"secret {number} is {error}") from error
    if not signatures:
        raise ValueError("the subscriber has no signing secret")
    return " ".join(signatures)
