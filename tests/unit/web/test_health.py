"""The health endpoints: what their answers look like over HTTP."""

from __future__ import annotations

import json

import pytest
from starlette.requests import Request
from starlette.types import Message

from service.web.health import LIVE, METRICS, READY, SCALE, health_app
from service.web.readiness import Readiness
from service.web.scale import RoleWork, Scale


async def answer(found: Readiness, path: str, work: Scale | None = None) -> tuple[int, bytes]:
    """The status and the body of the answer to a request for this path."""
    sent: list[Message] = []

    async def readiness() -> Readiness:
        return found

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}

    async def metrics() -> bytes:
        return b"tocsin_build_info 1.0\n"

    async def scale() -> Scale | None:
        return work

    await health_app(readiness, metrics, scale)(scope, Request(scope).receive, send)
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


async def test_the_work_that_waits_is_told_by_role() -> None:
    """The path of each value is contract: autoscalers are configured with it."""
    work = Scale(RoleWork(12.5, 2500, 0.005, measured=True), RoleWork(0, 0, 0.05, measured=False))
    status, body = await answer(Readiness(ready=True), SCALE, work)
    assert status == 200
    assert json.loads(body) == {
        "match": {"seconds": 12.5, "waiting": 2500, "seconds_each": 0.005, "measured": True},
        "deliver": {"seconds": 0, "waiting": 0, "seconds_each": 0.05, "measured": False},
    }


async def test_unknown_work_is_not_no_work() -> None:
    """An autoscaler that read 0 would stop the workers while Redis is away."""
    assert (await answer(Readiness(ready=True), SCALE))[0] == 503


async def test_a_process_that_is_not_ready_is_alive() -> None:
    """To restart it would not make it ready."""
    assert await answer(Readiness(ready=False), LIVE) == (200, b"ok\n")
