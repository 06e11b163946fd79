"""The health endpoints: what their answers look like over HTTP."""

from __future__ import annotations

import json

import pytest
from starlette.requests import Request
from starlette.types import Message

from service.web.health import LIVE, METRICS, READY, health_app
from service.web.readiness import Readiness


async def answer(found: Readiness, path: str) -> tuple[int, bytes]:
    """The status and the body of the answer to a request for this path."""
    sent: list[Message] = []

    async def readiness() -> Readiness:
        return found

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}

    async def metrics() -> bytes:
        return b"tocsin_build_info 1.0\n"

    await health_app(readiness, metrics)(scope, Request(scope).receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(("ready", "expected"), [(True, 200), (False, 503)])
async def test_the_status_says_whether_the_process_is_ready(ready: bool, expected: int) -> None:
    """A probe looks at the status only."""
    status, _ = await answer(Readiness(ready=ready), READY)
    assert status == expected


async def test_the_body_has_every_field() -> None:
    """The fields are contract: docs/operating.md explains each of them."""
    found = Readiness(
        ready=True, unread={"articles": None}, pending={"articles": 2}, vanished={"articles": 5}
    )
    _, body = await answer(found, READY)
    assert json.loads(body) == {
        "ready": True,
        "problems": [],
        "watchlists": 0,
        "rules": "",
        "faults": [],
        "running_last_good": [],
        "unread": {"articles": None},
        "pending": {"articles": 2},
        "store_risks": [],
        "vanished": {"articles": 5},
        "deliveries": {},
        "lost": [],
    }


async def test_the_metrics_are_those_of_the_page() -> None:
    """A process that is not ready counts all the same."""
    assert await answer(Readiness(ready=False), METRICS) == (200, b"tocsin_build_info 1.0\n")


async def test_a_process_that_is_not_ready_is_alive() -> None:
    """To restart it would not make it ready."""
    assert await answer(Readiness(ready=False), LIVE) == (200, b"ok\n")
