"""`/livez` and `/readyz`: whether to restart the process, and whether it does its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

LIVE = "/livez"
READY = "/readyz"


TOLD = 100
"""Most faults, and most ids, that are told: probes ask every few seconds."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What an engineer who is paged wants to know first; `ready` is the sum of it."""

    ready: bool
    troubles: tuple[str, ...] = ()
    """Why it is not ready, one sentence each."""
    watchlists: int = 0
    rules: str = ""
    """The digest of the rules in force."""
    faults: tuple[str, ...] = ()
    """Mistakes in rules files: the service runs without what they spoil."""
    kept: tuple[str, ...] = ()
    """Ids whose last good version runs."""
    lag: dict[str, int | None] = field(default_factory=dict)
    """Entries not yet read, by stream; null when Redis cannot tell."""
    pending: dict[str, int] = field(default_factory=dict)
    """Entries that were read, by any process, and are not yet finished, by stream."""


def some(told: Sequence[str]) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(told) - TOLD
    return [*told[:TOLD], *([f"and {more:,} more"] if more > 0 else [])]


def health_app(readiness: Callable[[], Awaitable[Readiness]]) -> Starlette:
    """The health endpoints as an ASGI application."""

    async def live(request: Request) -> Response:
        del request  # that it answers at all is the answer
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        del request
        found = await readiness()
        told = asdict(found) | {"faults": some(found.faults), "kept": some(found.kept)}
        return JSONResponse(told, status_code=200 if found.ready else 503)

    return Starlette(routes=[Route(LIVE, live), Route(READY, ready)])
