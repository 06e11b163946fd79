"""All workers judge by one set of rules: it survives restarts, mistakes and older workers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from builders.rules import a_reader
from harness.whole_file import write_whole
from service.rules.in_force.state import RulesChange
from service.rules.live.rulebook import Rulebook
from service.rules.rules import Rules
from service.store.client import Store
from service.store.keys import RULES, RULES_CONTENT, RULES_WORKERS
from service.store.outbox import Outbox
from service.store.rules.rules_record import RulesRecord
from service.telemetry import log

SOON = timedelta(seconds=0.02)
SECRET = "whsec_" + "QUJD" * 8
DESK = """
subscribers:
  - {id: desk, min_score: 20, webhook: {url: "https://desk.example/hook", secret: "${DESK_SECRET}"}}
"""
JETS = "  - {id: jets, match: fighter jet, notify: [desk]}\n"
TANKS = "  - {id: tanks, match: tank, notify: [desk]}\n"
SHIPS = "  - {id: ships, match: warship, notify: [desk]}\n"
ALL = f"watchlists:\n{JETS}{TANKS}{SHIPS}{DESK}"


class Worker:
    """One worker with a folder of its own, as an operator deploys it."""

    names = count(1)

    def __init__(self, folder: Path, record: RulesRecord, values: dict[str, str]) -> None:
        self.folder = folder
        self.record = record
        self.values = values
        self.stop = asyncio.Event()
        self.reports: list[tuple[Rules, str]] = []
        self.changes: list[RulesChange] = []
        self.name = f"worker-{next(self.names)}"
        self.rulebook = Rulebook(
            folder,
            a_reader(values.get),
            record,
            worker=self.name,
            every=SOON,
            cache=folder / ".compiled",
            on_change=lambda _: None,
            on_replaced=self._replaced,
            on_faults=self._heard,
        )

    async def _replaced(self, before: Rules | None, after: Rules, change: RulesChange) -> None:
        del before, after
        self.changes.append(change)

    async def _heard(self, rules: Rules, refused: str) -> None:
        self.reports.append((rules, refused))

    def write(self, text: str, name: str = "rules.yaml") -> None:
        """Change a file of its folder."""
        write_whole(self.folder / name, text)

    @property
    def judges_by(self) -> Mapping[str, str]:
        """The expression of each watchlist that it judges by."""
        return {id_: one.expression for id_, one in self.rulebook.current.watchlists.items()}


Start = Callable[..., Awaitable[Worker]]


class Fleet:
    """The workers of one stream."""

    def __init__(self, folder: Path, record: RulesRecord, ends: AsyncExitStack) -> None:
        self._folder = folder
        self._record = record
        self._ends = ends
        self._tasks: dict[Worker, asyncio.Task[None]] = {}

    async def start(
        self, files: str | Mapping[str, str], folder: str = "rules", **values: str
    ) -> Worker:
        """Start a worker with these files."""
        where = self._folder / folder
        where.mkdir(exist_ok=True)
        for old in where.glob("*.yaml"):
            old.unlink()
        written = {"rules.yaml": files} if isinstance(files, str) else files
        for name, text in written.items():
            write_whole(where / name, text)
        worker = Worker(where, self._record, {"DESK_SECRET": SECRET, **values})
        await worker.rulebook.open(worker.stop)
        self._tasks[worker] = asyncio.create_task(worker.rulebook.watch(worker.stop))
        self._ends.push_async_callback(self.end, worker)
        return worker

    async def end(self, worker: Worker) -> None:
        """End a worker in order."""
        worker.stop.set()
        if worker in self._tasks:
            await self._tasks.pop(worker)

    async def kill(self, worker: Worker) -> None:
        """A worker ends without a word: it is known to have ended a minute later."""
        task = self._tasks.pop(worker)
        task.cancel()
        await asyncio.wait([task])
        await self._record.leave(worker.name)


@pytest.fixture
async def fleet(tmp_path: Path, outbox: Outbox) -> AsyncIterator[Fleet]:
    """No worker yet."""
    async with AsyncExitStack() as ends:
        yield Fleet(tmp_path, outbox.rules, ends)


@pytest.fixture
def events() -> Iterator[list[dict[str, Any]]]:
    """What is logged."""
    seen: list[dict[str, Any]] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(json.loads(handler.format(record)))  # type: ignore[method-assign]
    log.configure("json", "info", log.Mask())
    handler.setFormatter(logging.root.handlers[0].formatter)
    logging.root.handlers[:] = [handler]
    yield seen
    logging.root.handlers[:] = []


def loaded(events: list[dict[str, Any]]) -> list[tuple[list[str], list[str], list[str]]]:
    """What each set that was loaded added, removed and changed."""
    return [
        (each["added"], each["removed"], each["changed"])
        for each in events
        if each["event"] == "rules.loaded"
    ]


async def test_a_mistake_and_a_restart_lose_no_watchlist(
    fleet: Fleet, events: list[dict[str, Any]]
) -> None:
    """A typo in `notify`: the last good version runs on, in the next process, too."""
    first = await fleet.start(ALL)
    await fleet.end(first)
    typo = ALL.replace(JETS, JETS.replace("desk", "dsek").replace("fighter", "stealth fighter"))
    second = await fleet.start(typo)
    assert second.judges_by == first.judges_by
    assert second.rulebook.current.kept == ("jets",)
    assert second.rulebook.current.left_out == ()
    await fleet.end(second)
    third = await fleet.start(typo)
    assert third.judges_by == first.judges_by
    assert third.rulebook.current.digest == first.rulebook.current.digest
    assert loaded(events) == [(["jets", "ships", "tanks"], [], []), ([], [], []), ([], [], [])]
    third.write(ALL.replace("fighter", "stealth fighter"))
    await eventually(lambda: third.judges_by["jets"] == "stealth fighter jet")
    assert loaded(events)[-1] == ([], [], ["jets"])
    assert third.rulebook.current.kept == ()


async def test_a_restart_keeps_what_a_broken_file_held(fleet: Fleet) -> None:
    """Not YAML any more, or a list with a mistake: nothing of it is forgotten."""
    files = {"a.yaml": f"watchlists:\n{JETS}{DESK}", "b.yaml": f"watchlists:\n{TANKS}"}
    await fleet.end(await fleet.start(files))
    second = await fleet.start({**files, "b.yaml": "watchlists: ["})
    assert set(second.judges_by) == {"jets", "tanks"}
    assert second.rulebook.current.kept == ("tanks",)


async def test_an_old_worker_follows_a_new_one(fleet: Fleet, events: list[dict[str, Any]]) -> None:
    """Whatever its own folder has: until the new one has ended."""
    old = await fleet.start(ALL, "v1")
    newer = ALL.replace("match: tank", "match: panzer").replace(SHIPS, "").replace("20", "35")
    new = await fleet.start(newer, "v2")
    await eventually(lambda: old.judges_by == new.judges_by)
    assert new.judges_by == {"jets": "fighter jet", "tanks": "panzer"}
    both = (old.rulebook.current, new.rulebook.current)
    assert len({one.digest for one in both}) == 1
    assert [one.terms["desk"].min_score for one in both] == [35, 35]
    assert loaded(events)[-1] == ([], ["ships"], ["tanks"])
    assert events[-1]["from_worker"] == new.name

    await fleet.end(old)
    again = await fleet.start(ALL, "v1")  # it is restarted: its rules are not new
    assert again.judges_by == new.judges_by
    await fleet.end(new)
    await eventually(lambda: set(again.judges_by) == {"jets", "tanks", "ships"})
    assert again.rulebook.current.terms["desk"].min_score == 20


async def test_an_old_worker_keeps_its_own_subscribers(fleet: Fleet) -> None:
    """Addresses and secrets are in the files only: one that it does not have waits for others."""
    old = await fleet.start(ALL, "v1")
    night = DESK.replace("id: desk", "id: night").replace("20", "50")
    both = f"watchlists:\n{JETS.replace('[desk]', '[desk, night]')}{TANKS}{SHIPS}"
    await fleet.start({"a.yaml": both + DESK, "b.yaml": night}, "v2")
    await eventually(lambda: old.rulebook.current.watchlists["jets"].notify == ("desk", "night"))
    assert set(old.rulebook.current.subscribers) == {"desk"}
    assert old.rulebook.current.terms["night"].min_score == 50


async def test_workers_with_the_same_files_agree(fleet: Fleet) -> None:
    """Each reads the change by itself; it comes into force once."""
    one, other = await fleet.start(ALL, "v1"), await fleet.start(ALL, "v2")
    changed = ALL.replace("match: tank", "match: (").replace("warship", "frigate")
    one.write(changed)
    other.write(changed)
    expected = {"jets": "fighter jet", "tanks": "tank", "ships": "frigate"}
    await eventually(lambda: one.judges_by == other.judges_by == expected)
    assert len(await one.record.history()) == 2


async def test_an_emptied_folder_changes_nothing(
    fleet: Fleet, events: list[dict[str, Any]]
) -> None:
    """N → 0, also over a restart: the set in force stays, and everybody is told why."""
    first = await fleet.start(ALL)
    (first.folder / "rules.yaml").unlink()
    await eventually(lambda: first.rulebook.refused != "")
    assert "has none of the 3 watchlists in force" in first.rulebook.refused
    assert set(first.judges_by) == {"jets", "tanks", "ships"}
    assert set(first.rulebook.current.subscribers) == {"desk"}
    assert [each["event"] for each in events].count("rules.refused") == 1
    assert first.reports[-1][1] == first.rulebook.refused
    await fleet.end(first)

    second = await fleet.start({})
    assert second.rulebook.refused == first.rulebook.refused
    assert set(second.judges_by) == {"jets", "tanks", "ships"}

    async def is_refused() -> bool:
        return [one.said.standing for one in await second.record.workers()] == ["refused"]

    await eventually(is_refused)
    second.write(ALL)
    await eventually(lambda: second.rulebook.refused == "")
    assert set(second.rulebook.current.subscribers) == {"desk"}


async def test_a_half_done_checkout_changes_nothing(fleet: Fleet) -> None:
    """Until it is done; a new worker with the same half follows, too."""
    names = ("a", "b", "c")
    files = dict(zip(names, (JETS, TANKS, SHIPS), strict=True))
    files = {f"{name}.yaml": f"watchlists:\n{text}" for name, text in files.items()}
    one = await fleet.start({**files, "desk.yaml": DESK})
    before = one.judges_by
    for name in ("a", "b"):
        (one.folder / f"{name}.yaml").unlink()
    await eventually(lambda: one.rulebook.refused != "")
    assert "has 1 of the 3 watchlists in force" in one.rulebook.refused
    assert one.judges_by == before
    for name in ("a", "b"):
        one.write(files[f"{name}.yaml"].replace("match:", "match: a"), f"{name}.yaml")
    await eventually(lambda: one.judges_by["jets"] == "a fighter jet")
    assert one.rulebook.refused == ""


async def test_what_was_refused_can_be_accepted(fleet: Fleet) -> None:
    """An operator has really removed them."""
    one = await fleet.start(ALL)
    one.write(f"watchlists:\n{JETS}{DESK}")
    await eventually(lambda: one.rulebook.refused != "")
    (standing,) = await one.record.workers()
    assert one.rulebook.refused.endswith(f"tocsin rules accept {standing.offer}")
    await one.record.accept(standing.offer)
    await eventually(lambda: set(one.judges_by) == {"jets"})
    assert one.rulebook.refused == ""
    in_force = await one.record.in_force()
    assert in_force is not None
    assert in_force.offer == standing.offer


async def test_what_was_accepted_is_refused_by_no_worker(fleet: Fleet) -> None:
    """One of two puts it in force: the other has nothing left to say against it."""
    both = [await fleet.start(ALL), await fleet.start(ALL)]  # one folder, as scaled workers have
    both[0].write(f"watchlists:\n{JETS}{DESK}")
    await eventually(lambda: all(each.rulebook.refused for each in both))
    record = both[0].record
    standing = (await record.workers())[0]
    await record.accept(standing.offer)
    await eventually(lambda: all(set(each.judges_by) == {"jets"} for each in both))
    await eventually(lambda: not any(each.rulebook.refused for each in both))

    async def all_say_so() -> bool:
        said = [each.said for each in await record.workers()]
        return [(each.standing, each.problem) for each in said] == [("in force", "")] * 2

    await eventually(all_say_so)


async def test_refused_files_that_are_no_longer_the_newest_only_follow(fleet: Fleet) -> None:
    """Another worker has newer ones, which are good."""
    one = await fleet.start(ALL)
    one.write("watchlists: []")
    await eventually(lambda: one.rulebook.refused != "")
    await fleet.start(ALL.replace("tank,", "jeep,"), "newer")
    await eventually(lambda: one.judges_by["tanks"] == "jeep")
    assert one.rulebook.refused == ""


async def test_no_usable_subscriber_changes_nothing(fleet: Fleet) -> None:
    """A secret is not there: the set in force stays, and its deliveries wait for it."""
    first = await fleet.start(ALL)
    await fleet.end(first)
    second = await fleet.start(ALL.replace("DESK_SECRET", "DESK_SECRTE").replace("tank,", "jeep,"))
    assert "none of the 1 subscriber in force can be used" in second.rulebook.refused
    assert second.judges_by == first.judges_by
    assert second.rulebook.current.subscribers == {}
    assert second.rulebook.current.terms["desk"].min_score == 20


async def test_a_watchlist_that_was_never_good_is_left_out(fleet: Fleet) -> None:
    """The others are in force, and it is told which are not."""
    one = await fleet.start(ALL.replace("fighter jet", "("))
    assert one.rulebook.current.left_out == ("jets",)
    assert set(one.judges_by) == {"tanks", "ships"}
    in_force = await one.record.in_force()
    assert in_force is not None
    assert in_force.left_out == ("jets",)


async def test_an_emptied_redis_gets_the_rules_back(
    fleet: Fleet, redis: Redis, events: list[dict[str, Any]]
) -> None:
    """With the last good versions that the process still has."""
    one = await fleet.start(ALL)
    one.write(ALL.replace("fighter jet", "("))
    await eventually(lambda: one.rulebook.current.kept == ("jets",))
    await redis.flushall()
    record = one.record

    async def is_back() -> bool:
        return await record.in_force() is not None

    await eventually(is_back)
    assert "rules.lost" in [each["event"] for each in events]
    in_force, (entry,) = await record.in_force(), await record.history()
    assert in_force is not None
    assert (in_force.since, entry.change.added) == (entry.at, ("jets", "ships", "tanks"))
    await fleet.end(one)
    other = await fleet.start(ALL.replace("fighter jet", "("))
    assert other.judges_by == one.judges_by


async def test_a_set_that_is_gone_is_said_to_be(
    fleet: Fleet, redis: Redis, outbox: Outbox, events: list[dict[str, Any]]
) -> None:
    """Somebody deleted its key: a new worker judges by its own files."""
    await fleet.end(await fleet.start(ALL))
    store = Store(redis, outbox.stream)
    content: Any = await _any(redis).hget(store.key(RULES), "content")
    await redis.delete(store.key(RULES_CONTENT, content.decode()))
    other = await fleet.start(ALL.replace("fighter jet", "("))
    assert set(other.judges_by) == {"tanks", "ships"}
    assert "rules.set_lost" in [each["event"] for each in events]


async def test_a_set_that_is_gone_is_written_again(
    fleet: Fleet, redis: Redis, outbox: Outbox
) -> None:
    """By the next worker that starts with its files: others can follow again."""
    await fleet.end(await fleet.start(ALL))
    content: Any = await _any(redis).hget(Store(redis, outbox.stream).key(RULES), "content")
    await redis.delete(Store(redis, outbox.stream).key(RULES_CONTENT, content.decode()))
    record = (await fleet.start(ALL)).record
    in_force = await record.in_force()
    assert in_force is not None
    assert await record.content(in_force) is not None
    assert len(await record.history()) == 1


async def test_a_rotated_secret_is_taken_up(fleet: Fleet) -> None:
    """As a changed rules file is; one that is gone changes nothing."""
    one = await fleet.start(ALL)
    assert secrets_of(one) == [SECRET]
    one.values["DESK_SECRET"] = other = "whsec_" + "WFla" * 8
    await eventually(lambda: secrets_of(one) == [other])
    assert len(await one.record.history()) == 1
    one.values["DESK_SECRET"] = "no secret"
    await eventually(lambda: bool(one.rulebook.current.faults))
    assert secrets_of(one) == [other]
    assert one.rulebook.current.kept == ("desk",)


async def test_a_rotated_secret_is_taken_up_while_files_are_refused(fleet: Fleet) -> None:
    """What is in force goes on, with the secret of today; the fault stays told."""
    one = await fleet.start(ALL)
    one.write("watchlists: []")
    await eventually(lambda: one.rulebook.refused != "")
    one.values["DESK_SECRET"] = other = "whsec_" + "WFla" * 8
    await eventually(lambda: secrets_of(one) == [other])
    assert one.rulebook.refused
    assert set(one.judges_by) == {"jets", "tanks", "ships"}
    changes = len(one.changes)
    one.values["DESK_SECRET"] = SECRET
    await eventually(lambda: secrets_of(one) == [SECRET])
    assert len(one.changes) == changes + 1


def secrets_of(worker: Worker) -> list[str]:
    """What the desk's messages are signed with."""
    channel: Any = worker.rulebook.current.subscribers["desk"].channel
    return [secret.reveal() for secret in channel.secrets]


async def test_files_that_are_written_again_are_no_change(
    fleet: Fleet, events: list[dict[str, Any]]
) -> None:
    """An old worker whose files are touched does not make them new."""
    old = await fleet.start(ALL, "v1")
    new = await fleet.start(ALL.replace(TANKS, ""), "v2")
    await eventually(lambda: old.judges_by == new.judges_by)
    old.write(ALL)
    old.write(ALL + "# a comment\n", "note.txt")
    begun = await seen(old)

    async def has_looked() -> bool:
        return await seen(old) > begun + 10 * SOON

    await eventually(has_looked)
    assert old.judges_by == new.judges_by
    assert loaded(events)[-1] == ([], ["tanks"], [])


async def seen(worker: Worker) -> datetime:
    """When a worker looked at its files last."""
    (found,) = [each.seen for each in await worker.record.workers() if each.name == worker.name]
    return found


async def test_a_restart_with_the_same_files_puts_nothing_in_force(fleet: Fleet) -> None:
    """It is in force already, whoever put it there."""
    await fleet.end(await fleet.start(ALL))
    before = await (await fleet.start(ALL)).record.in_force()
    assert before is not None
    assert before.version == 1


async def test_a_worker_says_what_became_of_its_files(fleet: Fleet) -> None:
    """`tocsin rules status` shows it."""
    old = await fleet.start(ALL, "v1")
    new = await fleet.start(ALL.replace("match: tank", "match: ("), "v2")

    async def standings() -> dict[str, tuple[str, int]]:
        found = await old.record.workers()
        return {one.name: (one.said.standing, one.said.faults) for one in found}

    async def said() -> bool:
        return await standings() == {old.name: ("follows", 0), new.name: ("in force", 1)}

    await eventually(said)


async def test_redis_keeps_no_address(fleet: Fleet, redis: Redis, outbox: Outbox) -> None:
    """Nor a secret, whatever the rules files hold."""
    literal = DESK.replace("${DESK_SECRET}", SECRET).replace("desk.example", "s3cr3t.example")
    await fleet.start(f"watchlists:\n{JETS}{literal}")
    store = Store(redis, outbox.stream)
    texts = []
    for key in (store.key(RULES), store.key(RULES_WORKERS)):
        texts += await _any(redis).hvals(key)
    in_force = await outbox.rules.in_force()
    assert in_force is not None
    content = await outbox.rules.content(in_force)
    assert content
    assert not any(b"s3cr3t" in text or SECRET.encode() in text for text in texts)


def _any(redis: Redis) -> Any:  # its replies are typed for both of redis-py's clients
    return redis
