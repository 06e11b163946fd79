"""From rules files to the first match: how long it takes and how much memory, for the first start
and for the second one, which finds what the first compiled.

Each start is a process of its own, and its time begins before Python has loaded anything. The
memory is that of the process that matches and of those that compile for it, each at its most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.corpus.corpus import article, corpus
from benchmarks.goals import Goal, told
from benchmarks.matching import memory
from benchmarks.table import Column, Table
from service.matching.syntax.notation import unparse
from service.telemetry import log

WATCHLISTS = (1_000, 10_000, 100_000, 1_000_000)
A_FILE = 10_000
"""Watchlists in each file."""

SUBSCRIBERS = """\
subscribers:
  - id: desk
    webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}
"""
SECRET = "whsec_" + "QUJD" * 8


def write(folder: Path, number: int, a_file: int = A_FILE) -> int:
    """Write so many of the corpus' queries as watchlists, so many a file; returns the bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "subscribers.yaml").write_text(SUBSCRIBERS, encoding="utf-8")
    size = 0
    for at, lines in enumerate(_files(number, a_file)):
        size += (folder / f"{at:05}.yaml").write_text(lines, encoding="utf-8")
    return size


def _files(number: int, a_file: int) -> Iterator[str]:
    lines: list[str] = []
    for at, query in enumerate(corpus().queries(number)):
        match = unparse(query.node).replace("'", "''")
        lines += (
            f"  - id: watch-{at}",
            f"    name: Watchlist {at}",
            f"    match: '{match}'",
            "    notify: [desk]",
            "    severity: high",
        )
        if (at + 1) % a_file == 0 or at + 1 == number:
            yield "\n".join(("watchlists:", *lines, ""))
            lines.clear()


def start(rules: Path, folder: Path, begun: float) -> None:
    """What one start does, and prints about itself; `begun` is when somebody asked for it."""
    # Imported here: to load them is a part of the start.
    from benchmarks.rules.shared import no_report, not_told, shared_rules  # noqa: PLC0415
    from service.delivery.channels.registry import CHANNELS  # noqa: PLC0415
    from service.rules.live.rulebook import Rulebook  # noqa: PLC0415
    from service.rules.subscribers.subscriber import SubscriberReader  # noqa: PLC0415

    async def opened() -> Rulebook:
        async with shared_rules(folder) as shared:
            rulebook = Rulebook(
                rules,
                SubscriberReader(CHANNELS, lambda _: SECRET),
                shared,
                worker="ready",
                every=timedelta(seconds=1),
                cache=folder,
                on_change=lambda _: None,
                on_replaced=not_told,
                on_faults=no_report,
            )
            watching = asyncio.create_task(watch(others))
            await rulebook.open(asyncio.Event())
            watching.cancel()
            return rulebook

    others: dict[int, float] = {}
    log.configure("console", "warning", log.Mask())
    engine = asyncio.run(opened()).current.engine
    loaded = time.time() - begun
    engine.matching_queries([article(0, "Title.\n\nThe first article, and with it the kernel.")])
    ready = time.time() - begun
    print(json.dumps([loaded, ready, memory.peak(), sum(others.values())]))


async def watch(others: dict[int, float]) -> None:
    """Note the most memory of each process that this one started, looked at ten times a second."""
    while True:
        for each in multiprocessing.active_children():
            if each.pid is not None:
                others[each.pid] = max(memory.peak_of(each.pid), others.get(each.pid, 0.0))
        await asyncio.sleep(0.1)


def starts(rules: Path, folder: Path) -> list[float]:
    """A start in a process of its own: seconds to loaded and to ready, the two peaks in MiB."""
    given = (str(rules), str(folder), str(time.time()))
    command = [sys.executable, "-m", "benchmarks.rules.ready", "--start", *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


FIRST = {100_000: 15.0}
"""Seconds that a first start may take, by the number of watchlists."""
SECOND = {100_000: 3.0, 1_000_000: 3.0}
MEMORY = {100_000: 700.0, 1_000_000: 4000.0}
"""MB that all processes of a first start may take at most, added up."""


def goals(number: int, first: Sequence[float], second: Sequence[float]) -> Iterator[Goal]:
    """What two starts were to reach, each given as `starts` does."""
    name = f"{number:,} watchlists"
    if number in FIRST:
        yield Goal(f"seconds to a first start, {name}", FIRST[number], first[1], most=True)
    if number in SECOND:
        yield Goal(f"seconds to a second start, {name}", SECOND[number], second[1], most=True)
    if number in MEMORY:
        taken = (first[2] + first[3]) * 2**20 / 1e6
        yield Goal(f"MB in all processes, {name}", MEMORY[number], taken, most=True)


COLUMNS = (
    Column("watchlists", 10),
    Column("YAML MB", 8),
    Column("start", 7, left=True),
    Column("rules s", 8),
    Column("ready s", 8),
    Column("peak MiB", 9),
    Column("compiling MiB", 13),
    Column("stored MB", 9),
)


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table and the goals; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ready", description=__doc__)
    parser.add_argument("--watchlists", type=int, nargs="+", default=WATCHLISTS, metavar="N")
    chosen = parser.parse_args(arguments)
    print(f"{corpus().name}, {A_FILE:,} watchlists a file, one subscriber\n")
    table = Table(COLUMNS)
    table.head()
    reached: list[Goal] = []
    for number in chosen.watchlists:
        with tempfile.TemporaryDirectory() as place:
            rules, folder = Path(place, "rules"), Path(place, "compiled")
            size = write(rules, number)
            both = []
            for name in ("first", "second"):
                both.append(starts(rules, folder))
                loaded, ready, own, other = both[-1]
                stored = sum(each.stat().st_size for each in folder.glob("*.rules"))
                table.row(
                    f"{number:,}",
                    f"{size / 1e6:,.1f}",
                    name,
                    f"{loaded:,.2f}",
                    f"{ready:,.2f}",
                    f"{own:,.0f}",
                    f"{other:,.0f}",
                    f"{stored / 1e6:,.1f}",
                )
            reached += goals(number, *both)
    return told(reached)


if __name__ == "__main__":
    _, option, *given = sys.argv
    if option == "--start":
        start(Path(given[0]), Path(given[1]), float(given[2]))
