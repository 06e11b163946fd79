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

from service import processes
from service.rules.live.helper_process import AHEAD, Partner, serve


@pytest.fixture
def near() -> Iterator[Connection]:
    """The way to a partner that is a process."""
    ours, theirs = processes.pipe()
    process = processes.start("partner", serve, theirs)
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


def test_both_do_it_and_the_order_stays(near: Connection, tmp_path: Path) -> None:
    """Also when something else is to be done afterwards, by the same partner."""
    partner = Partner(near)
    found = list(partner.each(partial(once_there, tmp_path), range(200)))
    assert [number for number, _ in found] == [*range(200)]
    assert len({process for _, process in found}) == 2
    assert list(partner.each(str, [1, 2])) == ["1", "2"]
    assert list(partner.each(str, [])) == []


def ends_the_other(parent: int, number: int) -> int:
    """Kills the partner, when it has done a few."""
    if number == 5 and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_a_partner_that_is_killed_takes_nothing_with_it(near: Connection) -> None:
    """What it had been asked is done here; and so is all that comes later."""
    partner = Partner(near)
    work = partial(ends_the_other, os.getpid())
    assert list(partner.each(work, range(300))) == [number * number for number in range(300)]
    assert list(partner.each(work, range(30))) == [number * number for number in range(30)]


def test_what_cannot_be_sent_is_a_mistake_at_once(near: Connection) -> None:
    """And not work of an earlier kind that is done in its place."""
    partner = Partner(near)
    assert list(partner.each(str, [1])) == ["1"]
    with pytest.raises((AttributeError, TypeError), match=r"pickle|local"):
        list(partner.each(lambda number: number, [1]))


def test_nobody_waits_for_what_is_not_wanted_any_more(near: Connection, tmp_path: Path) -> None:
    """The partner ends what it has begun, and is there for other work."""
    partner = Partner(near)
    some = partner.each(partial(who, tmp_path), range(10_000))
    assert next(some)[0] == 0
    some.close()
    assert list(partner.each(str, range(50))) == [str(number) for number in range(50)]


ASKED = threading.Event()
"""The partner has been asked something."""
DONE: list[int] = []


def noted(number: int) -> int:
    """Notes what is done here, after the partner has been asked something."""
    assert ASKED.wait(20)
    DONE.append(number)
    return number


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Connection]]:
    """A way to a partner that is this test; nothing is done or asked yet."""
    ASKED.clear()
    DONE.clear()
    ours, theirs = processes.pipe()
    with closing(ours), closing(theirs):
        yield ours, theirs


def test_a_partner_that_ends_within_an_answer_takes_nothing_with_it(
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
    assert list(Partner(ours).each(noted, range(40))) == [*range(40)]
    answering.join()
    assert sorted(DONE) == [*range(40)]


def test_little_is_kept_while_the_partner_takes_its_time(
    ends: tuple[Connection, Connection],
) -> None:
    """One result stays away: so many others are made, and no more."""
    ours, theirs = ends
    taken: list[int] = []
    with closing(Partner(ours).each(noted, range(1_000))) as results, closing(theirs):

        def take() -> None:
            while 5_000 not in taken:
                taken.append(next(results))

        taking = threading.Thread(target=take)
        taking.start()
        theirs.recv()  # what is to be done
        asked = theirs.recv()
        ASKED.set()
        deadline = time.monotonic() + 20
        while len(DONE) < asked + AHEAD - 1 and time.monotonic() < deadline:
            time.sleep(0.001)
        theirs.send(5_000)
        taking.join()
    assert taken == [*range(asked), 5_000]
    assert sorted(DONE) == [number for number in range(asked + AHEAD) if number != asked]
