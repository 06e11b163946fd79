"""`/livez` and `/readyz`: whether to restart the process, and whether it does its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from service.web.readiness import Readiness

LIVE = "/livez"
READY = "/readyz"


def health_app(readiness: Callable[[], Awaitable[Readiness]]) -> Starlette:
    """The health endpoints as an ASGI application."""

    async def live(request: Request) -> Response:
        del request  # that it answers at all is the answer
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        del request
        found = await readiness()
        return JSONResponse(asdict(found), status_code=200 if found.ready else 503)

    return Starlette(routes=[Route(LIVE, live), Route(READY, ready)])
