"""A terminal that is closed, or SIGTERM, ends a command in order: it leaves no server behind."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from builders.alerts import eventually
from harness.service_process import PATIENCE
from service.app.redis.embedded import is_running


async def begun(
    folder: Path, words: Sequence[str], terminal: int, ignored: Sequence[int] = ()
) -> asyncio.subprocess.Process:
    """A command at a terminal of its own, with an embedded server that runs."""
    (folder / "rules").mkdir()
    (folder / "rules" / "r.yaml").write_text("watchlists: [{id: jets, match: jet}]")
    own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}

    def settle_in() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        for each in (signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN if each in ignored else signal.SIG_DFL)

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", *words),
        env=own | {"TOCSIN_PORT": "0"},
        cwd=folder,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=settle_in,
    )
    await eventually(lambda: is_running(folder / ".tocsin"), PATIENCE)
    return process


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (("run",), signal.SIGHUP),
        (("publish", "-"), signal.SIGHUP),
        (("publish", "-"), signal.SIGTERM),
    ],
    ids=str,
)
async def test_no_server_is_left_behind(
    tmp_path: Path, words: Sequence[str], number: signal.Signals
) -> None:
    """Somebody closes the window, where nothing can be written any more."""
    ours, theirs = os.openpty()
    process = await begun(tmp_path, words, theirs)
    os.close(theirs)
    if number == signal.SIGHUP:
        os.close(ours)  # the kernel says so to whoever works there
    else:
        process.send_signal(number)
    async with asyncio.timeout(PATIENCE):
        code = await process.wait()
    assert code == (0 if words == ("run",) else 128 + number)
    assert not is_running(tmp_path / ".tocsin")
    if number != signal.SIGHUP:
        os.close(ours)


async def read_all(redis: Redis) -> bool:
    """Whether a service has decided on every article of the stream."""
    groups = await redis.xinfo_groups("articles")
    return [(group["lag"], group["pending"]) for group in groups] == [(0, 0)]


async def test_nohup_lets_the_service_go_on(tmp_path: Path) -> None:
    """It was started to outlive its terminal."""
    ours, theirs = os.openpty()
    process = await begun(tmp_path, ("run",), theirs, [signal.SIGHUP])
    os.close(theirs)
    process.send_signal(signal.SIGHUP)
    async with Redis(unix_socket_path=f"{tmp_path}/.tocsin/valkey/valkey.sock") as redis:
        await redis.xadd("articles", {"title": "Fighter jet lands"})
        async with asyncio.timeout(PATIENCE):
            while not await read_all(redis):
                await asyncio.sleep(0.02)
    process.terminate()
    assert await process.wait() == 0
    assert not is_running(tmp_path / ".tocsin")
    os.close(ours)
