"""What a process answers over HTTP.

`/livez` and `/readyz` say whether to restart it, and whether it does its work; `/metrics` what it
has counted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from service.web.readiness import Readiness

LIVE = "/livez"
READY = "/readyz"
METRICS = "/metrics"


def health_app(
    readiness: Callable[[], Awaitable[Readiness]], metrics: Callable[[], Awaitable[bytes]]
) -> Starlette:
    """The endpoints as an ASGI application; `metrics` is the text of `/metrics`."""

    async def live(request: Request) -> Response:
        del request  # that it answers at all is the answer
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        del request
        found = await readiness()
        return JSONResponse(asdict(found), status_code=200 if found.ready else 503)

    async def count(request: Request) -> Response:
        del request
        return Response(await metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return Starlette(routes=[Route(LIVE, live), Route(READY, ready), Route(METRICS, count)])
