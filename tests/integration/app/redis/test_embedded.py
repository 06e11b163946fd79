"""The embedded Valkey: one server a directory, shared, and never a lost write."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from faststream.redis import RedisBroker
from redis import Redis
from redis.exceptions import ConnectionError as NoConnectionError

from service.app.redis import valkey_server
from service.app.redis.embedded import embedded_server, restart_if_ended
from service.app.redis.valkey_server import MAX_SOCKET_PATH_BYTES, is_running
from service.errors import ConfigError

USER = """
import sys
from pathlib import Path
from service.telemetry import log
from service.app.redis.embedded import embedded_server
log.configure("json", "error", log.Mask())
with embedded_server(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
"""A process that uses the server of a directory until its input is closed."""


@contextmanager
def a_user_of(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server, ended at the latest with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", USER, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[4])},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def no_server_stays(tmp_path: Path) -> Iterator[None]:
    """A test that fails halfway leaves no server behind."""
    yield
    for socket in tmp_path.rglob("valkey.sock"):
        with Redis(unix_socket_path=str(socket.resolve())) as redis:
            redis.shutdown(nosave=True)


def leave(process: subprocess.Popen[str]) -> None:
    """Let a user end in order, and see that it did."""
    assert process.stdin
    process.stdin.close()
    assert process.wait(timeout=20) == 0


def url_of(process: subprocess.Popen[str]) -> str:
    """The URL that a user printed once it was in."""
    assert process.stdout
    return process.stdout.readline().strip()


def server_process(url: str) -> int:
    """The process id of the server that answers at this URL."""
    with Redis.from_url(url) as redis:
        return int(redis.info("server")["process_id"])


def answers(url: str) -> bool:
    """Whether a server is there; one that was shut down in order has taken its socket along."""
    with Redis.from_url(url) as redis:
        try:
            return bool(redis.ping())
        except NoConnectionError:
            return False


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    """The last user to leave shuts the server down, and the next one finds its data."""
    with embedded_server(tmp_path) as url:
        first = server_process(url)
        with Redis.from_url(url) as redis:
            redis.xadd("articles", {"title": "Fighter jets"})
    assert not answers(url)
    with embedded_server(tmp_path) as url:
        assert server_process(url) != first
        with Redis.from_url(url) as redis:
            assert redis.xlen("articles") == 1


def test_two_processes_share_one_server(tmp_path: Path) -> None:
    """A second process joins the live server, which stays up until both have left."""
    with embedded_server(tmp_path) as url:
        server = server_process(url)
        with a_user_of(tmp_path) as other:
            assert server_process(url_of(other)) == server
            leave(other)
        assert server_process(url) == server
    assert not answers(url)


def test_who_started_the_server_may_leave_first(tmp_path: Path) -> None:
    """The server is not tied to the process that started it."""
    with a_user_of(tmp_path) as starter:
        server = server_process(url_of(starter))
        with embedded_server(tmp_path) as url:
            leave(starter)
            assert server_process(url) == server
    assert not answers(url)


def test_a_killed_parent_leaves_a_server_that_the_next_process_joins(tmp_path: Path) -> None:
    """kill -9 of the only user loses nothing: same server, same data, then an orderly end."""
    with a_user_of(tmp_path) as user:
        url = url_of(user)
        server = server_process(url)
        with Redis.from_url(url) as redis:
            redis.set("written", "before the kill")
        user.send_signal(signal.SIGKILL)
        user.wait()
        with embedded_server(tmp_path) as again:
            assert server_process(again) == server
            with Redis.from_url(again) as redis:
                assert redis.get("written") == b"before the kill"
    assert not answers(url)


def test_a_killed_server_is_replaced_with_its_data(tmp_path: Path) -> None:
    """What a server that was killed left behind, its socket included, does not stop the next."""
    with embedded_server(tmp_path) as url, Redis.from_url(url) as redis:
        redis.set("written", "before the kill")
        # Answered writes are with the operating system, and survive the server if not the machine.
        os.kill(server_process(url), signal.SIGKILL)
    with embedded_server(tmp_path) as url, Redis.from_url(url) as redis:
        assert redis.get("written") == b"before the kill"


def test_a_killed_server_is_revived_once_for_all_its_users(tmp_path: Path) -> None:
    """By whichever of them looks first; one that lives is left alone."""
    with embedded_server(tmp_path) as url, Redis.from_url(url) as redis:
        redis.set("written", "before the kill")
        old = server_process(url)
        restart_if_ended(tmp_path)
        assert server_process(url) == old
        os.kill(old, signal.SIGKILL)
        while is_running(tmp_path / "valkey"):  # the kernel takes a moment
            pass
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(restart_if_ended, [tmp_path] * 4))
        assert server_process(url) != old
        with Redis.from_url(url) as anew:
            assert anew.get("written") == b"before the kill"
    assert not answers(url)


def test_racing_starters_end_up_at_one_server(tmp_path: Path) -> None:
    """Four processes that start at the same moment share one server."""
    with (
        a_user_of(tmp_path) as one,
        a_user_of(tmp_path) as two,
        a_user_of(tmp_path) as three,
        a_user_of(tmp_path) as four,
    ):
        users = (one, two, three, four)
        urls = [url_of(user) for user in users]
        assert len({server_process(url) for url in urls}) == 1
        for user in users:
            leave(user)
    assert not answers(urls[0])


def test_users_that_come_and_go_at_once_never_miss_the_server(tmp_path: Path) -> None:
    """Whoever joins while another shuts down gets a server that stays, its data included."""

    def comes_and_goes(times: int) -> None:
        for _ in range(times):
            with embedded_server(tmp_path) as url, Redis.from_url(url) as redis:
                redis.incr("visits")

    with ThreadPoolExecutor(2) as users:
        for visit in [users.submit(comes_and_goes, 40) for _ in range(2)]:
            visit.result()
    with embedded_server(tmp_path) as url, Redis.from_url(url) as redis:
        assert redis.get("visits") == b"80"


def test_a_server_that_does_not_answer_is_not_doubled(tmp_path: Path) -> None:
    """A directory that a silent server holds is refused: a second one would split the data."""
    with a_user_of(tmp_path) as user:
        server = server_process(url_of(user))
        os.kill(server, signal.SIGSTOP)
        try:
            with (
                pytest.raises(ConfigError, match=r"does not answer.*TOCSIN_DATA_DIR"),
                embedded_server(tmp_path, timeout=timedelta(seconds=0.2)),
            ):
                pytest.fail("it was opened")
        finally:
            os.kill(server, signal.SIGCONT)
        leave(user)


def test_ctrl_c_does_not_reach_the_server(tmp_path: Path) -> None:
    """The server has a session of its own, so a signal to our process group passes it by."""
    with embedded_server(tmp_path) as url:
        assert os.getsid(server_process(url)) != os.getsid(0)


def test_only_this_user_can_reach_the_server(tmp_path: Path) -> None:
    """No TCP port, and a socket in a directory that others cannot enter."""
    with embedded_server(tmp_path / "data") as url, Redis.from_url(url) as redis:
        assert redis.config_get("port") == {"port": "0"}
        home = Path(url.removeprefix("unix://")).parent
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_the_server_keeps_everything_or_refuses(tmp_path: Path) -> None:
    """Append-only file, flushed each second, and no eviction when memory runs short."""
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
    with embedded_server(tmp_path) as url, Redis.from_url(url) as redis:
        assert redis.config_get(*wanted) == wanted


def test_the_server_does_not_inherit_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is started with holds nothing of ours, so whoever looks at the server finds none.

    Valkey writes its title over its own environment: only its start shows what it was given.
    """
    given, server = tmp_path / "given", tmp_path / "server"
    own = {"PWD", "OLDPWD", "SHLVL", "_"}  # of the shell that notes it
    server.write_text(
        f'#!/bin/sh\n/usr/bin/env > "{given}"\nexec "{valkey_server._binary()}" "$@"\n'
    )
    server.chmod(0o700)
    monkeypatch.setattr(valkey_server, "_binary", lambda: server)
    monkeypatch.setenv("DESK_SECRET", "whsec_b2gsbm8=")
    with embedded_server(tmp_path / "data") as url, Redis.from_url(url) as redis:
        assert redis.ping()
    names = {line.partition("=")[0] for line in given.read_text(encoding="utf-8").splitlines()}
    assert names <= own


def test_a_directory_with_a_long_path_works(tmp_path: Path) -> None:
    """A path too long for a socket's address gets a short one beside it, cleared away after."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    with embedded_server(deep) as url:
        socket = Path(url.removeprefix("unix://"))
        assert len(str(socket)) <= MAX_SOCKET_PATH_BYTES
        server = server_process(url)
        with a_user_of(deep) as other:
            assert server_process(url_of(other)) == server
            leave(other)
    assert not socket.parent.exists()
    with embedded_server(deep) as url:
        assert server_process(url) != server


def test_a_directory_with_odd_characters_works(tmp_path: Path) -> None:
    """Blanks, percent signs and quotes in the path come through the URL unharmed."""
    with embedded_server(tmp_path / "Günter's 100% #1?") as url, Redis.from_url(url) as redis:
        assert redis.ping()


async def test_faststream_reaches_it_by_its_url(tmp_path: Path) -> None:
    """The URL is good for FastStream's broker as well as for redis-py."""
    with embedded_server(tmp_path) as url:
        async with RedisBroker(url) as broker:
            assert await broker.ping(timeout=3)


def test_a_directory_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the setting and what to do."""
    (tmp_path / "file").write_text("not a directory")
    with (
        pytest.raises(ConfigError, match=r"TOCSIN_DATA_DIR=.*Name a directory"),
        embedded_server(tmp_path / "file" / "data"),
    ):
        pytest.fail("it was opened")


def test_a_server_that_ends_at_its_start_says_why(tmp_path: Path) -> None:
    """A damaged append-only file is reported with the server's own words, not as a time-out."""
    with embedded_server(tmp_path):
        pass
    (manifest,) = tmp_path.glob("valkey/appendonlydir/*.manifest")
    manifest.write_text("nonsense\n")
    with (
        pytest.raises(ConfigError, match=r"(?s)ended while it started.*manifest"),
        embedded_server(tmp_path),
    ):
        pytest.fail("it started")


def test_an_error_in_the_block_still_stops_the_server(tmp_path: Path) -> None:
    """The server goes whatever ends its use, and the error comes through."""
    urls = []

    def fail_while_using_it() -> None:
        with embedded_server(tmp_path) as url:
            urls.append(url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_while_using_it()
    assert not answers(urls[0])
