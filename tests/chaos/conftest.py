"""What every scenario starts from: a seed that is told, and the figures of all at the end."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from chaos.figures import Figures, table
from chaos.scene import Scene
from harness.own_server import Server


@dataclass
class Seeded:
    """A scenario's name and the seed of everything that chance decides in it."""

    scenario: str
    seed: int
    rows: list[Figures]

    def chance(self) -> Random:
        """Begins anew with each call."""
        return Random(self.seed)

    async def judge(self, scene: Scene, name: str = "") -> Figures:
        """Compare, print, and fail unless all is as it must be."""
        figures = await scene.figures(name or self.scenario, self.seed)
        self.rows.append(figures)
        print(f"\n{table([figures])}")  # noqa: T201 - the figures are what this run is for
        assert figures.sound(), figures
        return figures


@pytest.fixture(scope="session")
def rows() -> Iterator[list[Figures]]:
    """Every scenario's figures; told together when all are done."""
    found: list[Figures] = []
    yield found
    if found:
        print(f"\n\n{table(found)}")  # noqa: T201


@pytest.fixture
def seeded(request: pytest.FixtureRequest, rows: list[Figures]) -> Seeded:
    """This scenario's seed: CHAOS_SEED, or else a new one."""
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 2**32)
    name: str = request.node.name.removeprefix("test_").replace("_", " ")
    print(f"\n{name}: CHAOS_SEED={seed}")  # noqa: T201
    return Seeded(name, seed, rows)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A Valkey of this scenario's own."""
    async with Server(tmp_path / "server") as running:
        yield running
