"""What `/readyz` tells."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.types import Message

from service.web.health import READY, Readiness, health_app


async def told(found: Readiness) -> tuple[int, dict[str, object]]:
    """The status of the answer, and what it holds."""
    sent: list[Message] = []

    async def readiness() -> Readiness:
        return found

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": READY, "headers": [], "query_string": b""}
    await health_app(readiness)(scope, Request(scope).receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


async def test_a_flood_of_faults_is_told_in_part() -> None:
    """Probes ask every few seconds, and a hundred thousand watchlists may be kept."""
    many = tuple(f"f{number}" for number in range(1_234))
    status, found = await told(Readiness(ready=True, faults=many, kept=many[:100]))
    assert status == 200
    assert found["faults"] == [*many[:100], "and 1,134 more"]
    assert found["kept"] == [*many[:100]]
    status, _ = await told(Readiness(ready=False))
    assert status == 503
