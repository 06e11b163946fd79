"""What a process answers over HTTP.

`/livez` and `/readyz` say whether to restart it, and whether it does its work; `/metrics` what it
has counted; `/scale` how much work waits for each role.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from service.web.readiness import Readiness
from service.web.scale import Scale

LIVE = "/livez"
READY = "/readyz"
METRICS = "/metrics"
SCALE = "/scale"


def health_app(
    readiness: Callable[[], Awaitable[Readiness]],
    metrics: Callable[[], Awaitable[bytes]],
    scale: Callable[[], Awaitable[Scale | None]],
    others: Iterable[Route] = (),
) -> Starlette:
    """The endpoints as an ASGI application, and `others` beside them.

    `metrics` is the text of `/metrics`, `scale` the work that waits, None where nobody knows.
    """

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

    async def weigh(request: Request) -> Response:
        del request
        found = await scale()
        if found is None:  # an autoscaler that reads 0 would stop the workers
            return PlainTextResponse("Redis does not tell what waits\n", status_code=503)
        return JSONResponse(asdict(found))

    answers = {LIVE: live, READY: ready, METRICS: count, SCALE: weigh}
    routes = [Route(path, answer) for path, answer in answers.items()]
    return Starlette(routes=[*routes, *others])
