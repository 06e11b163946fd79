"""The sizing guide says what its formula says, and the fleet that it asks for is large enough."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.stream.fleet import matches_of, simulated, waits
from benchmarks.stream.sizing import ROOM, Kept, Load, sizes

PAGE = Path(__file__).parents[3] / "docs" / "sizing.md"
ROW = re.compile(r"^\| " + r" \| ".join([r"([\d.,]+)"] * 9) + r" \|$", re.MULTILINE)


def number(text: str) -> float:
    """A number with commas."""
    return float(text.replace(",", ""))


def test_the_table_of_the_guide_is_the_formula() -> None:
    """Each row: load, processes, servers and memory."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert len(rows) >= 5
    for row in rows:
        articles, watchlists, matches, subscribers, *told = map(number, row)
        need = sizes(Load(articles, int(watchlists), matches, subscribers))
        counts = [need.workers, need.senders, need.primaries]
        assert told[:3] == counts, row
        assert told[3] == pytest.approx(need.worker_bytes / 2**30, abs=0.05), row
        assert told[4] == pytest.approx(need.redis_bytes / 2**30, rel=0.02, abs=1), row


def test_more_of_anything_needs_no_less() -> None:
    """And an idle installation has one of each."""
    few = sizes(Load(1, 1_000, 0.1, 1))
    assert (few.workers, few.senders, few.primaries) == (1, 1, 1)
    for more in (
        Load(10, 1_000, 0.1, 1),
        Load(1, 10_000, 0.1, 1),
        Load(1, 1_000, 1.0, 1),
        Load(1, 1_000, 0.1, 5),
    ):
        found = sizes(more)
        assert found.match_cores + found.server_cores >= few.match_cores + few.server_cores
        assert found.redis_bytes >= few.redis_bytes
    assert sizes(Load(1, 1_000, 0.1, 1), Kept(1, 1, 1)).redis_bytes < few.redis_bytes


@pytest.mark.parametrize("articles", [100.0, 3_000.0])
def test_the_fleet_that_is_asked_for_is_large_enough(articles: float) -> None:
    """No part is much busier than it may be, and articles wait for milliseconds."""
    for part in simulated(Load(articles, 100_000, 0.25, 2.0), 5.0):
        assert part.busy <= ROOM + 0.1, part.name
        assert np.percentile(part.waits, 99) < 0.05, part.name


def test_articles_wait_as_a_naive_queue_has_them() -> None:
    """One server: each begins when the one before has ended."""
    chance = np.random.default_rng(3)
    arrived, takes = np.sort(chance.uniform(0, 1, 50)), chance.exponential(0.02, 50)
    waited, done = waits(arrived, takes, 1)
    free = 0.0
    for number_, at in enumerate(arrived):
        begins = max(free, at)
        free = begins + takes[number_]
        assert waited[number_] == pytest.approx(begins - at)
        assert done[number_] == pytest.approx(free)
    assert waits(arrived, takes, 50)[0].max() == 0.0
    assert matches_of(0.25, 50_000, chance).mean() == pytest.approx(0.25, rel=0.1)


def test_the_guide_tells_what_small_batches_take() -> None:
    """Its rows are the formula, and that is near what was measured."""
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    assert len(rows) == 6
    for articles, measured, told, batches in (map(float, row) for row in rows):
        need = sizes(Load(articles, 1_000, 0.0, 0.0))
        assert told == pytest.approx(need.match_cores + need.batch_cores, abs=0.006)
        assert batches == pytest.approx(need.batch_cores, abs=0.006)
        assert told == pytest.approx(measured, abs=0.06)
