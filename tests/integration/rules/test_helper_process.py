"""A second process that does a part of the work: all of it is done, in order, also without it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from service.concurrency import processes
from service.rules.live.processes.helper_process import (
    MAX_RESULTS_AHEAD,
    HelperProcess,
    serve_tasks,
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """The way to a helper that is a process."""
    ours, theirs = processes.open_pipe()
    process = processes.start_process("helper", serve_tasks, theirs)
    yield ours
    ours.close()
    process.join(10)
    ended = process.exitcode
    process.kill()
    assert ended in {0, -signal.SIGKILL}


def who(_: Path, number: int) -> tuple[int, int]:
    """Says who does it."""
    return number, os.getpid()


def once_there(folder: Path, number: int) -> tuple[int, int]:
    """Is not done by this process before the other one has done one."""
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + 20
    while len(list(folder.iterdir())) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return number, os.getpid()


def test_both_do_it_and_the_order_stays(connection: Connection, tmp_path: Path) -> None:
    """Also when something else is to be done afterwards, by the same helper."""
    helper = HelperProcess(connection)
    found = list(helper.map_tasks(partial(once_there, tmp_path), range(200)))
    assert [number for number, _ in found] == [*range(200)]
    assert len({process for _, process in found}) == 2
    assert list(helper.map_tasks(str, [1, 2])) == ["1", "2"]
    assert list(helper.map_tasks(str, [])) == []


def ends_the_other(parent: int, number: int) -> int:
    """Kills the helper, when it has done a few."""
    if number == 5 and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_work_of_a_killed_helper_is_repeated(connection: Connection) -> None:
    """What it had been asked is done here; and so is all that comes later."""
    helper = HelperProcess(connection)
    work = partial(ends_the_other, os.getpid())
    assert list(helper.map_tasks(work, range(300))) == [number * number for number in range(300)]
    assert list(helper.map_tasks(work, range(30))) == [number * number for number in range(30)]


def test_what_cannot_be_sent_is_a_mistake_at_once(connection: Connection) -> None:
    """And not work of an earlier kind that is done in its place."""
    helper = HelperProcess(connection)
    assert list(helper.map_tasks(str, [1])) == ["1"]
    with pytest.raises((AttributeError, TypeError), match=r"pickle|local"):
        list(helper.map_tasks(lambda number: number, [1]))


def test_nobody_waits_for_what_is_not_wanted_any_more(
    connection: Connection, tmp_path: Path
) -> None:
    """The helper ends what it has begun, and is there for other work."""
    helper = HelperProcess(connection)
    some = helper.map_tasks(partial(who, tmp_path), range(10_000))
    assert next(some)[0] == 0
    some.close()
    assert list(helper.map_tasks(str, range(50))) == [str(number) for number in range(50)]


ASKED = threading.Event()
"""The helper has been asked something."""
DONE: list[int] = []


def noted(number: int) -> int:
    """Notes what is done here, after the helper has been asked something."""
    assert ASKED.wait(20)
    DONE.append(number)
    return number


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Connection]]:
    """A way to a helper that is this test; nothing is done or asked yet."""
    ASKED.clear()
    DONE.clear()
    ours, theirs = processes.open_pipe()
    with closing(ours), closing(theirs):
        yield ours, theirs


def test_work_is_repeated_when_the_helper_ends_within_an_answer(
    ends: tuple[Connection, Connection],
) -> None:
    """Somebody may need its memory just when it has most in hand."""
    ours, theirs = ends

    def answers_in_part() -> None:
        theirs.recv()  # what is to be done
        theirs.recv()
        os.write(theirs.fileno(), (1000).to_bytes(4, "big") + b"some")
        theirs.close()
        ASKED.set()

    answering = threading.Thread(target=answers_in_part)
    answering.start()
    assert list(HelperProcess(ours).map_tasks(noted, range(40))) == [*range(40)]
    answering.join()
    assert sorted(DONE) == [*range(40)]


def test_few_results_are_kept_while_the_helper_is_slow(
    ends: tuple[Connection, Connection],
) -> None:
    """One result stays away: so many others are made, and no more."""
    ours, theirs = ends
    taken: list[int] = []
    with closing(HelperProcess(ours).map_tasks(noted, range(1_000))) as results, closing(theirs):

        def take() -> None:
            while 5_000 not in taken:
                taken.append(next(results))

        taking = threading.Thread(target=take)
        taking.start()
        theirs.recv()  # what is to be done
        asked = theirs.recv()
        ASKED.set()
        deadline = time.monotonic() + 20
        while len(DONE) < asked + MAX_RESULTS_AHEAD - 1 and time.monotonic() < deadline:
            time.sleep(0.001)
        theirs.send(5_000)
        taking.join()
    assert taken == [*range(asked), 5_000]
    assert sorted(DONE) == [
        number for number in range(asked + MAX_RESULTS_AHEAD) if number != asked
    ]
