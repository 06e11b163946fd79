"""Clocks that jump: the service's by hours, the server's by seconds."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from chaos.conftest import Seeded
from chaos.scene import Scene, scene
from chaos.server import Server
from chaos.witness import Witness

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


@pytest.mark.skipif(not FAKETIME, reason="needs libfaketime: apt install faketime")
async def test_clocks_jump(tmp_path: Path, seeded: Seeded) -> None:
    """Two services whose clocks differ by hours share a server whose clock is not steady."""
    ours, its = Clock(tmp_path / "ours"), Clock(tmp_path / "its")

    async def jump(at: Scene) -> None:
        await asyncio.sleep(at.chance.uniform(0.5, 2))
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
            [Witness("desk"), Witness("night-desk")],
            services=2,
            more=ours.environment,
        ) as at,
    ):
        await at.reading()
        await at.storm(1000, jump, pause=0.5)
        ours.jump(0)
        its.jump(0)
        await at.recovered()
        await seeded.judge(at)
