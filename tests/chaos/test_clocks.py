"""Clocks that jump: the service's by hours, the server's by seconds."""

from __future__ import annotations

import asyncio
import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from redis.asyncio import Redis
from starlette.responses import Response

from chaos.conftest import Seeded
from chaos.kept import Kept
from chaos.scene import STREAM, Scene, scene
from chaos.witness import Witness
from harness.own_server import Server
from harness.receiver import Behaviour, Receiver
from service.alerts.alert import rfc3339
from service.alerts.people.silence import Silence
from service.store.outbox import Outbox

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

FAKETIME = os.environ.get("CHAOS_FAKETIME", "") or next(
    map(str, Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), ""
)


class Clock:
    """The wall clock of one process, which may be set at any time; others do not change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.jump(0)

    def jump(self, seconds: float) -> None:
        """So far ahead of the true time, or behind it."""
        new = self._path.with_suffix(".new")
        new.write_text(f"{seconds:+.0f}\n", encoding="ascii")
        new.replace(self._path)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process heed it."""
        return {
            "LD_PRELOAD": FAKETIME,
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_CACHE_DURATION": "1",  # seconds; to look at each call is very slow
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


def moody(chance: Random) -> Behaviour:
    """Mostly takes what comes, at once or after a while; sometimes fails, or asks for a rest."""

    async def behave(receiver: Receiver, transport: asyncio.Transport) -> Response:
        del receiver, transport
        mood = chance.random()
        if mood < 0.1:
            return Response(status_code=500)
        if mood < 0.15:
            return Response(status_code=503, headers={"retry-after": "1"})
        # Some so late that a jump of the server's clock ends their lease meanwhile.
        await asyncio.sleep(max(0.0, mood - 0.5) if mood < 0.9 else 1.5)
        return Response(status_code=204)

    return behave


async def off(redis: Redis) -> float:
    """By how many seconds the server's clock is wrong."""
    seconds, micros = await redis.time()
    return abs(seconds + micros / 1e6 - time.time())


def astray(service: Kept) -> float:
    """By how many seconds a line of the service's log is dated wrong, at most, either way."""
    told = (json.loads(line)["timestamp"] for line in service.running.log if line[0] == "{")
    return max(abs(datetime.fromisoformat(each).timestamp() - time.time()) for each in told)


@pytest.mark.skipif(not FAKETIME, reason="needs libfaketime: apt install faketime")
async def test_clocks_jump(tmp_path: Path, seeded: Seeded) -> None:
    """Two services whose clocks go wrong by hours share a server whose clock is not steady."""
    ours, its = Clock(tmp_path / "ours"), Clock(tmp_path / "its")
    wrong = [0.0]

    async def jump(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(0.5, 2))
        wrong.append(await off(at.redis))
        ours.jump(at.chance.uniform(-30 * 3600, 30 * 3600))
        its.jump(at.chance.uniform(-20, 20))

    async with (
        Server(tmp_path / "server", environment=its.environment) as server,
        server.client() as redis,
        scene(
            tmp_path,
            redis,
            server.url,
            seeded.chance(),
            [Witness("desk"), Witness("night-desk", moody(seeded.chance()))],
            services=2,
            more=ours.environment,
        ) as at,
    ):
        await at.reading()
        silences = Outbox(at.redis, STREAM).silences
        began = (await silences.in_force()).at
        until = rfc3339(began + timedelta(hours=2))
        await silences.add(Silence("sil_1", "tag", "x", until, "x", rfc3339(began)))
        await at.storm(1000, jump, pause=0.5)
        ours.jump(0)
        its.jump(0)
        await at.recovered()
        # A worker that is hours ahead ends nobody's silence.
        assert [one.id for one in (await silences.in_force()).silences] == ["sil_1"]
        # Or else nothing was tried at all.
        assert max(wrong) > 5
        assert all(astray(service) > 3600 for service in at.services)
        await seeded.judge(at)


def version_of(rules: str, chance: Random) -> str:
    """The rules as somebody edits them: a comment, a watchlist more, a typo, half a file, none.

    In none of them does the watchlist become another, and one with a typo keeps its last good
    version: whoever reads which of them, the same articles are alerted.
    """
    number = chance.randrange(10**6)
    more = f"watchlists:\n  - {{id: other-{number}, match: zeppelin {number}}}\n"
    return chance.choice(
        (
            f"# version {number}\n{rules}",
            rules.replace("watchlists:\n", more, 1),
            rules.replace("AND fighter jet", f"AND (fighter jet  # {number}"),
            rules[: rules.index("subscribers:") + number % 40],
            f"# {number}\nwatchlists: []\n",
        )
    )


@pytest.mark.skipif(not FAKETIME, reason="needs libfaketime: apt install faketime")
async def test_clocks_and_rules_differ(tmp_path: Path, seeded: Seeded) -> None:
    """Three services with rules files of their own, which change one by one; some are killed."""
    ours, its = Clock(tmp_path / "ours"), Clock(tmp_path / "its")

    async def jump(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(1, 3))
        ours.jump(at.chance.uniform(-30 * 3600, 30 * 3600))
        its.jump(at.chance.uniform(-20, 20))

    async def edit(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(0.5, 2))
        place = at.chance.choice(at.services).place
        new = version_of(place.rules, at.chance)
        (place.folder / "rules" / "rules.yaml").write_text(new, encoding="utf-8")

    async def kill(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(8, 15))
        await at.chance.choice(at.services).kill()

    async with (
        Server(tmp_path / "server", environment=its.environment) as server,
        server.client() as redis,
        scene(
            tmp_path,
            redis,
            server.url,
            seeded.chance(),
            [Witness("desk"), Witness("night-desk", moody(seeded.chance()))],
            services=3,
            more=ours.environment | {"TOCSIN_RELOAD_EVERY": "0.5"},
            own_rules=True,
        ) as at,
    ):
        await at.reading()
        await at.storm(1000, jump, edit, kill, pause=0.5)
        for service in at.services:
            place = service.place
            (place.folder / "rules" / "rules.yaml").write_text(place.rules, encoding="utf-8")
        ours.jump(0)
        its.jump(0)
        await at.recovered()
        changes = sum(service.count("rules.loaded") for service in at.services)
        assert changes > 3  # or else nothing was tried at all
        await seeded.judge(at)
