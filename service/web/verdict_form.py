"""`/verdict/…`: where the links of messages lead by which readers judge an alert.

GET shows a page with a button and stores nothing, however often a mail server looks at it; POST
stores. The link's signature is checked before Redis is asked for anything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from service.delivery.verdict_links import PATH, LinkedVerdict, VerdictLinks
from service.store.client import STORE_ERRORS
from service.store.outbox import Outbox
from service.telemetry.metrics import VERDICT_REQUESTS, VerdictOutcome
from service.views.alerts.verdict import alert_to_judge, give_verdict
from service.web.rate_limit import RateLimit
from service.web.verdict_page import question, refusal, thanks

log = structlog.get_logger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the key
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
ALL = (200, 0.02)
"""Of all requests of a process together: two hundred at once, then fifty a second."""
ONE = (10, 6.0)
"""Of the links that one subscriber has to one alert: ten at once, then ten a minute."""
MAX_PATH_CHARS = 1_000


class _Answer(NamedTuple):
    outcome: VerdictOutcome
    status: int
    page: str
    wait: float = 0.0


class VerdictForm:
    """Answers for the alerts of these outboxes; `now` tells whether a link is still good."""

    def __init__(
        self, outboxes: Sequence[Outbox], links: VerdictLinks, *, now: Callable[[], datetime]
    ) -> None:
        self._outboxes = outboxes
        self._links = links
        self._now = now
        self._all = RateLimit(*ALL)
        self._one = RateLimit(*ONE)

    def route(self) -> Route:
        """Where it is asked."""
        return Route(PATH + "{rest:path}", self.answer, methods=["GET", "POST"])

    async def answer(self, request: Request) -> Response:
        """The page, with headers that keep the address to whoever has it."""
        try:
            found = await self._answer(request)
        except STORE_ERRORS as error:
            log.warning("verdict.failed", error=str(error))
            advice = "Tocsin cannot reach its store. Try again in a few minutes."
            found = _Answer("failed", 503, refusal("Not now", advice), wait=60)
        VERDICT_REQUESTS[found.outcome].inc()
        headers = HEADERS | ({"Retry-After": str(math.ceil(found.wait))} if found.wait else {})
        return HTMLResponse(found.page, found.status, headers)

    async def _answer(self, request: Request) -> _Answer:
        wait = self._all.wait("", time.monotonic())
        if wait:
            return _limited(wait)
        link = self._link(request)
        if link is None:
            advice = "Open the link as it stands in the message: its end may be missing."
            return _Answer("refused", 404, refusal("This link is not valid", advice))
        if link.is_expired(self._now()):
            advice = f"`tocsin verdict {link.alert} {link.verdict}` may do it still."
            return _Answer("expired", 410, refusal("This link has expired", advice))
        wait = self._one.wait(f"{link.alert} {link.subscriber}", time.monotonic())
        return _limited(wait) if wait else await self._judged(link, stores=request.method == "POST")

    def _link(self, request: Request) -> LinkedVerdict | None:
        rest = str(request.path_params["rest"])
        return self._links.read(rest.split("/")) if len(rest) <= MAX_PATH_CHARS else None

    async def _judged(self, link: LinkedVerdict, *, stores: bool) -> _Answer:
        alert = await alert_to_judge(self._outboxes, link.alert)
        if alert is not None and not stores:
            return _Answer("shown", 200, question(alert, link.verdict))
        given = (
            await give_verdict(self._outboxes, alert, link.verdict, link.subscriber, "link")
            if alert
            else None
        )
        if alert is None or given is None:
            advice = "Its alert is not kept any more, so there is nothing to say of it."
            return _Answer("gone", 410, refusal("This alert is gone", advice))
        log.info(
            "verdict.given",
            alert_id=alert.id,
            watchlist_id=alert.watchlist_id,
            subscriber_id=link.subscriber,
            verdict=link.verdict,
        )
        return _Answer(link.verdict, 200, thanks(alert, link.verdict))


def _limited(wait: float) -> _Answer:
    page = refusal("Too many requests", "Try again in a few seconds.")
    return _Answer("limited", 429, page, wait)
