"""A start with so many rules that it takes a while."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

from builders.alerts import eventually
from harness.receiver import Receiver
from harness.service_process import JETS, PATIENCE, Place, start
from service.rules.live.compiler import InlineLimits


async def test_a_start_can_be_ended_while_rules_are_compiled(
    tmp_path: Path, redis_url: str, stream_name: str
) -> None:
    """Alive, not ready, and it says why and what waits; SIGTERM ends it in order, with no rules.

    It answers in every role: this one has nothing else to do with HTTP.
    """
    line = "  - {{id: w-{0}, match: (harbour OR word{0}) AND (strike OR walkout OR word{0} {0})}}\n"
    many = "".join(map(line.format, range(InlineLimits().at_start // 60)))
    async with Receiver() as receiver:
        rules = JETS.replace("subscribers:", f"{many}subscribers:")
        place = Place(tmp_path, redis_url, stream_name, receiver, rules=rules)
        assert (tmp_path / "rules" / "rules.yaml").stat().st_size > InlineLimits().at_start
        service = await start(place, "--role", "match", fresh=True)
        await eventually(lambda: service.said("web.listening"), PATIENCE)
        (address,) = [json.loads(line)["url"] for line in service.log if "web.listening" in line]
        assert get(f"{address}/livez") == (200, b"ok\n")
        status, body = get(f"{address}/readyz")
        assert status == 503
        assert json.loads(body)["problems"] == ["the rules are being compiled"]
        status, body = get(f"{address}/metrics")
        assert (status, b"tocsin_rules_in_force_timestamp_seconds 0.0" in body) == (200, True)
        assert get(f"{address}/scale")[0] == 200
        assert await service.terminate() == 0
        assert service.said("service.stopped")
        assert not service.said("rules.loaded")


def get(url: str) -> tuple[int, bytes]:
    """Status and body."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
