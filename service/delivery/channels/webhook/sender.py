"""Webhooks as Standard Webhooks has them: one signed POST, and what the answer means."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta

import httpx

from service.delivery.channels.webhook.certificates import Stamp, Unusable, context, stamp
from service.delivery.channels.webhook.cloudevents import CONTENT_TYPE, structured
from service.delivery.channels.webhook.rules_block import Tls, Webhook
from service.delivery.channels.webhook.signing import signer
from service.delivery.http.answer import RESPONSE_MAX_CHARS, judge, redact
from service.delivery.http.exchange import TIMEOUT, NoAnswer, exchange
from service.delivery.http.request import DeliveryRequest, post
from service.delivery.http.trust import public_trust
from service.delivery.outcome import Report, Retry
from service.rules.subscribers.subscriber import Subscriber
from service.telemetry.trace_context import OUTGOING, TRACEPARENT


class WebhookSender:
    """Sends events as they are, over `transport`, which it closes at the end.

    `version` is Tocsin's; an attempt takes `timeout` at most.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, *, version: str, timeout: timedelta = TIMEOUT
    ) -> None:
        self.timeout = timeout
        self._transport = transport
        self._user_agent = f"Tocsin/{version}"
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
            request = self._request(webhook, delivery_id, body, at)
        except (ValueError, Unusable) as error:
            return Report(Retry(str(error)))
        answer = await exchange(self._transport, request, self.timeout)
        if isinstance(answer, NoAnswer):
            return Report(Retry(answer.reason))
        outcome = judge(answer.status, answer.headers, at)
        if not answer.text and not answer.cut:  # most answers
            return Report(outcome, answer.status)
        secrets = [secret.reveal() for secret in webhook.all_secrets]
        cut = f" (the rest of the answer did not come: {answer.cut})" if answer.cut else ""
        text = redact(answer.text, webhook.url.reveal(), *secrets)[: RESPONSE_MAX_CHARS - len(cut)]
        return Report(outcome, answer.status, (text + cut).lstrip())

    def _request(
        self, webhook: Webhook, delivery_id: str, body: bytes, at: datetime
    ) -> DeliveryRequest:
        content, kind = body, "application/json"
        if webhook.format == "cloudevents":
            content, kind = structured(body), CONTENT_TYPE
        headers = {"user-agent": self._user_agent, "content-type": kind}
        headers |= {name.lower(): value.reveal() for name, value in webhook.headers}
        if trace := OUTGOING.get():
            headers[TRACEPARENT] = trace
        headers["webhook-id"] = delivery_id
        headers["webhook-timestamp"] = str(int(at.timestamp()))
        headers["webhook-signature"] = sign(webhook, delivery_id, content, at)
        request = post(webhook.url.reveal(), content, headers)
        if webhook.tls:
            request.extensions["ssl_context"] = self._ssl_context(webhook.tls)
        return request

    def _ssl_context(self, tls: Tls) -> ssl.SSLContext:
        """Made once for a channel, and again when one of its files changes: certificates expire."""
        now = stamp(tls)
        known = self._trust.get(tls)
        if known is None or known[0] != now:
            known = self._trust[tls] = now, context(tls, public_trust)
        return known[1]

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


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
