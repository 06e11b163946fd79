"""Rules that another process compiles: at a start, while matching, and when that process dies."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.articles import an_article
from builders.rules import a_reader
from harness.whole_file import write_whole
from service.matching.engine.engine import Engine
from service.matching.engine.layers import LayeredEngine
from service.rules.compilation.compile import compile_rules
from service.rules.in_force.state import RulesChange
from service.rules.live.compiled_file import write_rules
from service.rules.live.compiler import InlineLimits
from service.rules.live.rulebook import Rulebook
from service.rules.rules import Rules
from service.store.outbox import Outbox
from service.telemetry import log

SECRET = "whsec_" + "c2VjcmV0" * 6
RULES = f"""
lists:
  makers: [Saab, Dassault]
watchlists:
  - {{id: jets, match: $makers AND fighter jet, notify: [desk]}}
  - {{id: tanks, match: tank}}
subscribers:
  - id: desk
    webhook: {{url: "https://desk.example/hook", secret: "{SECRET}"}}
"""


@pytest.fixture
def events() -> Iterator[list[str]]:
    """The names of the events that are logged, as far as they were asked for."""
    seen: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(json.loads(handler.format(record))["event"])  # type: ignore[method-assign]
    log.configure("json", "info", log.Mask())
    handler.setFormatter(logging.root.handlers[0].formatter)
    logging.root.handlers[:] = [handler]
    yield seen
    logging.root.handlers[:] = []


async def no_report(rules: Rules, refused: str) -> None:
    """Nobody hears of faults here."""
    del rules, refused


async def not_told(before: Rules | None, after: Rules, change: RulesChange) -> None:
    """Nothing waits here."""
    del before, after, change


class Place:
    """A folder of rules, and what is compiled of it by another process, however small it is."""

    def __init__(self, folder: Path, outbox: Outbox) -> None:
        self.outbox = outbox
        self.rules = folder / "rules"
        self.compiled = folder / "data" / "compiled"
        self.rules.mkdir()
        self.write(RULES)
        self.stop = asyncio.Event()

    def write(self, text: str) -> None:
        """Change the rules."""
        write_whole(self.rules / "rules.yaml", text)

    def rulebook(self, *, at_start: int = 0) -> Rulebook:
        """The rules of the folder, looked at twenty times a second."""
        return Rulebook(
            self.rules,
            a_reader(lambda _: None),
            self.outbox.rules,
            worker="one",
            every=timedelta(seconds=0.05),
            cache=self.compiled,
            on_change=lambda _: None,
            on_replaced=not_told,
            on_faults=no_report,
            limits=InlineLimits(at_start=at_start, at_reload=0),
        )

    async def opened(self) -> Rules:
        """The rules as a start puts them into force."""
        rulebook = self.rulebook()
        await rulebook.open(self.stop)
        return rulebook.current

    @property
    def stored(self) -> list[Path]:
        """The files of compiled rules."""
        return sorted(self.compiled.glob("*")) if self.compiled.exists() else []


@pytest.fixture
def place(tmp_path: Path, outbox: Outbox) -> Place:
    """Such a folder."""
    return Place(tmp_path, outbox)


def compiling() -> list[BaseProcess]:
    """The processes that compile rules now."""
    children = multiprocessing.active_children()
    return [each for each in children if each.name.startswith("tocsin-rules")]


def matched(rules: Rules, text: str) -> list[str]:
    """The ids of the watchlists that a text matches."""
    return [match.query_id for match in rules.engine.match(an_article(text), max_evidence=1)]


async def test_what_was_stored_counts_the_watchlists_that_are_off(place: Place) -> None:
    """Most of them are off on purpose, again: that is no half of a set."""
    ships = "watchlists:\n  - {id: ships, match: warship}"
    all_on = RULES.replace("watchlists:", ships)
    most_off = all_on.replace("warship}", "warship, enabled: false}").replace(
        "match: tank}", "match: tank, enabled: false}"
    )
    place.write(most_off)
    assert set((await place.opened()).watchlists) == {"jets"}
    place.write(all_on)
    await place.rulebook(at_start=2**20).open(place.stop)
    place.write(most_off)
    again = place.rulebook()
    await again.open(place.stop)
    assert (again.refused, set(again.current.watchlists)) == ("", {"jets"})


async def test_files_of_just_that_size_need_no_process(place: Place) -> None:
    """What is compiled here is not stored; see the next test for what is compiled elsewhere."""
    rulebook = place.rulebook(at_start=len(RULES.encode()))
    await rulebook.open(place.stop)
    assert matched(rulebook.current, "Saab builds fighter jets.") == ["jets"]
    assert place.stored == []


async def test_the_second_start_is_like_the_first(
    place: Place, redis: Redis, events: list[str]
) -> None:
    """From the file that the first one left; a damaged file is ignored, and logged."""
    cold = await place.opened()
    assert matched(cold, "Saab builds fighter jets.") == ["jets"]
    (stored,) = place.stored
    assert SECRET.encode() not in stored.read_bytes()
    warm = await place.opened()
    assert dict(warm.watchlists) == dict(cold.watchlists)
    assert (warm.subscribers, warm.digest) == (cold.subscribers, cold.digest)
    assert matched(warm, "Saab builds fighter jets.") == ["jets"]

    await redis.flushall()  # or the set in force would stay, which has a subscriber
    other = compile_rules({"r": "watchlists: [{id: other, match: x}]"}, None).rule_set
    write_rules(stored, stored.stem, other)
    assert list((await place.opened()).watchlists) == ["other"]  # it is the file that counts

    stored.write_bytes(stored.read_bytes()[:-1])
    assert dict((await place.opened()).watchlists) == dict(cold.watchlists)
    assert events.count("rules.cache_ignored") == 1
    assert compiling() == []


class Stop(asyncio.Event):
    """Counts how often it was asked for: once for each look at the rules."""

    looks = 0

    def is_set(self) -> bool:
        """As ever."""
        self.looks += 1
        return super().is_set()


async def test_a_missing_folder_is_logged_once_and_shown_until_it_is_back(
    place: Place, events: list[str]
) -> None:
    """The rules in force stay, and `unreadable` says why."""
    rulebook = place.rulebook(at_start=1_000_000)
    await rulebook.open(place.stop)
    before = rulebook.current
    assert rulebook.unreadable == ""
    stop = Stop()
    elsewhere = place.rules.with_name("elsewhere")
    async with asyncio.TaskGroup() as group:
        group.create_task(rulebook.watch(stop))
        place.rules.rename(elsewhere)
        await eventually(lambda: "there are no rules" in rulebook.unreadable)
        looks = stop.looks
        await eventually(lambda: stop.looks > looks + 5)
        elsewhere.rename(place.rules)
        await eventually(lambda: rulebook.unreadable == "")
        stop.set()
    assert rulebook.current is before
    assert events.count("rules.unreadable") == 1


async def test_a_process_that_dies_changes_nothing(place: Place, events: list[str]) -> None:
    """The old rules stay, the log says it, and the next look tries again; then faults are kept."""
    rulebook = place.rulebook(at_start=1_000_000)
    await rulebook.open(place.stop)
    before = rulebook.current
    watching = asyncio.create_task(rulebook.watch(place.stop))
    place.write(RULES.replace("match: tank", "match: warship").replace("[Saab", "[((Saab"))
    await eventually(lambda: bool(compiling()))
    os.kill(compiling()[0].pid or 0, signal.SIGKILL)
    await eventually(lambda: "rules.compile_failed" in events)
    assert rulebook.current is before
    await eventually(lambda: rulebook.current is not before, 30)
    rules = rulebook.current
    assert matched(rules, "A warship.") == ["tanks"]
    assert matched(rules, "Saab builds fighter jets.") == ["jets"]
    assert rules.kept == ("jets",)
    assert rules.watchlists["jets"] == before.watchlists["jets"]
    assert [fault.line for fault in rules.faults] == [3, 5]
    assert place.stored == []  # at the next start they are faults again
    place.stop.set()
    await watching


async def test_a_changed_file_is_in_force_before_all_is_compiled(
    place: Place, events: list[str]
) -> None:
    """Alone first, then with all others in another process; what changes meanwhile, too."""
    more = place.rules / "more.yaml"
    more.write_text("watchlists: [{id: ships, match: ship}]")
    rulebook = place.rulebook(at_start=2**20)
    await rulebook.open(place.stop)
    watching = asyncio.create_task(rulebook.watch(place.stop))
    text = "Saab builds a ship and a tank, no plane."
    write_whole(more, "watchlists: [{id: ships, match: warship}, {id: planes, match: plane}]")
    await eventually(lambda: "planes" in rulebook.current.watchlists)
    assert isinstance(rulebook.current.engine, LayeredEngine)
    assert sorted(matched(rulebook.current, text)) == ["planes", "tanks"]
    await eventually(lambda: bool(compiling()))
    assert "rules.merged" not in events
    write_whole(more, "watchlists: [{id: planes, match: plane}]")
    await eventually(lambda: "ships" not in rulebook.current.watchlists)
    first = rulebook.current
    assert isinstance(first.engine, LayeredEngine)
    await eventually(lambda: "rules.merged" in events, 60)
    merged = rulebook.current
    assert isinstance(merged.engine, Engine)
    assert (merged.digest, dict(merged.watchlists)) == (first.digest, dict(first.watchlists))
    for rules in (merged, first):
        assert sorted(matched(rules, text)) == ["planes", "tanks"]
    assert (merged.shared.id, merged.subscribers) == (first.shared.id, first.subscribers)
    assert events.count("rules.loaded") == 3
    given_up = weakref.ref(first.engine)
    del first, rules
    gc.collect()
    assert given_up() is None  # large rules need their memory once
    place.stop.set()
    await watching
    assert compiling() == []


async def test_a_stop_ends_the_compiling(place: Place) -> None:
    """It is not waited for: what it would have stored is not there, and nothing is left."""
    opening = asyncio.create_task(place.rulebook().open(place.stop))
    await eventually(lambda: bool(compiling()))
    place.stop.set()
    await opening
    assert compiling() == []
    assert place.stored == []


async def test_a_folder_that_takes_no_file(place: Place, events: list[str]) -> None:
    """The rules come into force all the same."""
    place.compiled.parent.write_text("a file where a folder should be")
    assert list((await place.opened()).watchlists) == ["jets", "tanks"]
    assert "rules.not_cached" in events


async def test_a_helper_changes_nothing_and_may_be_lost(place: Place, events: list[str]) -> None:
    """The same rules and mistakes from one process and from two; also where one is killed."""
    many = "".join(f"  - {{id: w-{at}, match: 'a{at} OR $makers'}}\n" for at in range(990))
    faulty = "  - {id: oh, match: (}\n  - {id: ah, match: x, notify: [nobody]}\n"
    place.write(f"lists:\n  makers: [Saab, Dassault]\nwatchlists:\n{many}{faulty}")
    write_whole(place.rules / "more.yaml", "watchlists:\n  - id: w-7\n    match: 'jet'\n")
    cores = os.sched_getaffinity(0)
    made = []
    for use, lost in (({min(cores)}, False), (cores, False), (cores, True)):
        os.sched_setaffinity(0, use)
        try:
            opening = asyncio.create_task(place.opened())
            if lost:
                await eventually(lambda: any("helper" in each.name for each in compiling()))
                helper = next(each for each in compiling() if "helper" in each.name)
                assert helper.pid is not None
                os.kill(helper.pid, signal.SIGKILL)
            rules = await opening
        finally:
            os.sched_setaffinity(0, cores)
        made.append((rules.faults, rules.digest, dict(rules.watchlists)))
    assert made[0] == made[1] == made[2]
    assert [fault.message for fault in made[0][0]] == [
        f"`w-7` is here and in {place.rules / 'rules.yaml'} line 11",
        f"`w-7` is here and in {place.rules / 'more.yaml'} line 2",
        "this “(” is never closed",
        "there is no subscriber nobody",
    ]
    assert events.count("rules.helper_died") == 1


PARENT = """
import asyncio, multiprocessing, sys
from pathlib import Path
from service.concurrency.processes import usable_cores
from service.rules.live.cache_key import cache_key, file_digests, program_hash
from service.rules.live.processes.compile_child import CompileRequest
from service.rules.live.processes.compile_process import compile_in_process
from service.rules.live.folder import read_files

async def main():
    rules, folder = map(Path, sys.argv[1:])
    request = CompileRequest(
        rules,
        None,
        cache_key(file_digests(read_files(rules))),
        folder,
        None,
        False,
        False,
        program_hash(),
    )
    compiling = asyncio.create_task(compile_in_process(request, None))
    await asyncio.sleep(0)
    while len(multiprocessing.active_children()) < min(usable_cores(), 2):
        await asyncio.sleep(0.01)
    print(*(each.pid for each in multiprocessing.active_children()), flush=True)
    await compiling

if __name__ == "__main__":
    asyncio.run(main())
"""


READER = """
import asyncio, multiprocessing
from service.stream.page_pool import PagePool

async def main():
    async with PagePool(2) as pages:
        page = b"<p>A ship left the harbour of Quill on Monday.</p>"
        await pages.read({b"html": page}, max_bytes=1000)
        print(*(each.pid for each in multiprocessing.active_children()), flush=True)
        await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_no_reader_of_pages_outlives_a_service_that_was_killed(tmp_path: Path) -> None:
    """SIGKILL to the service once it has read a page."""
    (tmp_path / "parent.py").write_text(READER)
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        tmp_path / "parent.py",
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert parent.stdout is not None
    children = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert children
    parent.kill()
    await parent.wait()
    await eventually(lambda: not any(map(alive, children)), 10)


async def test_nothing_outlives_a_parent_that_was_killed(place: Place, tmp_path: Path) -> None:
    """SIGKILL to the service while it has rules compiled that take much longer than this test."""
    (tmp_path / "parent.py").write_text(PARENT)
    many = "".join(f"  - {{id: w-{number}, match: a{number} OR b}}\n" for number in range(50_000))
    place.write(f"watchlists:\n{many}")
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        tmp_path / "parent.py",
        place.rules,
        place.compiled,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert parent.stdout is not None
    children = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert children
    await eventually(lambda: all(busy(pid) > 0.3 for pid in children))
    parent.kill()
    await parent.wait()
    await eventually(lambda: not any(map(alive, children)), 3)


def process_stat(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` from the state on; none for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return []


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    state, *_ = process_stat(pid) or ["Z"]
    return state != "Z"


def busy(pid: int) -> float:
    """For how many seconds a process has computed."""
    return int(process_stat(pid)[11]) / os.sysconf("SC_CLK_TCK")
