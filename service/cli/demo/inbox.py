"""A receiver on this machine: verifies each webhook as a subscriber's program would."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


@dataclass(frozen=True, slots=True)
class Received:
    """One webhook that arrived, its signature checked by the `standardwebhooks` library."""

    path: str
    webhook_id: str
    event: Mapping[str, Any]
    """Empty where the signature is wrong."""
    body: bytes = b""
    """The event as it was sent."""
    problem: str = ""
    """Why the signature was refused."""


class Inbox:
    """Verifies what arrives with one secret, and queues it in the order it came."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self.received: asyncio.Queue[Received] = asyncio.Queue()

    def app(self) -> Starlette:
        """The inbox as an ASGI application: every path takes a POST."""
        return Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        path, number = request.path_params["path"], request.headers.get("webhook-id", "")
        try:
            event = self._webhook.verify(body, dict(request.headers))
        except (WebhookVerificationError, ValueError) as error:
            await self.received.put(
                Received(path, number, {}, problem=str(error) or "not verified")
            )
            return PlainTextResponse("the signature is not valid\n", status_code=400)
        await self.received.put(Received(path, number, event, body))
        return Response(status_code=204)
