"""Starts `tocsin` quickly: a process that has imported the program once, and forks for each.

To import the service, its kernels and its tables takes some 3 s of CPU a process. A fork has done
so already. Otherwise it is as any other: its own environment, folder, signals and end. Where forks
are not safe after such imports (macOS), and in tests about the start itself, processes are started
from nothing.

All workers of pytest share one server: it ends with its last connection.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import fcntl
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from harness.fork_client import MOST_BYTES, ask, connect

SUPPORTED = sys.platform == "linux"
_ROOT = Path(__file__).parents[2]
_POLL_SECONDS = 0.01
_START_SECONDS = 60.0


class Fork:
    """One forked process, with the parts of `asyncio.subprocess.Process` that tests use."""

    def __init__(
        self,
        channel: socket.socket,
        pid: int,
        stderr: asyncio.StreamReader,
        transport: asyncio.ReadTransport,
    ) -> None:
        self._channel = channel
        self.pid = pid
        self.stderr = stderr
        self._transport = transport
        self._code: int | None = None

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        if self._code is None:
            try:
                said = self._channel.recv(MOST_BYTES)
            except BlockingIOError:
                return None
            self._channel.close()
            assert said, "the fork server has ended"
            self._code = int(said)
        return self._code

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        while (code := self.returncode) is None:
            await asyncio.sleep(_POLL_SECONDS)
        return code

    def kill(self) -> None:
        """SIGKILL."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)


async def fork(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Fork:
    """A process that runs `tocsin` with these arguments."""
    loop = asyncio.get_running_loop()
    reading, writing = os.pipe()
    stream = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading, "rb")
    )
    nothing = os.open(os.devnull, os.O_RDWR)
    channel = connect(await asyncio.to_thread(server))
    try:
        ask(channel, arguments, environment, str(folder), (nothing, nothing, writing))
    finally:
        os.close(nothing)
        os.close(writing)
    channel.setblocking(False)
    pid = int(await loop.sock_recv(channel, MOST_BYTES))
    return Fork(channel, pid, stream, transport)


@cache
def server() -> str:
    """The address of the server, which lives as long as this process at least."""
    folder = _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    address = str(folder / "socket")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _held.append(connect(address))
        except OSError:
            _held.append(_start(address))
    return address


_held: list[socket.socket] = []
"""The connections that keep the server."""
_started: list[subprocess.Popen[bytes]] = []
"""The server, if this process has started it."""


def close() -> None:
    """Let the server end; who has started it waits for that, and so for all who share it."""
    while _held:
        _held.pop().close()
    while _started:
        _started.pop().wait()
        shutil.rmtree(_folder(), ignore_errors=True)
    server.cache_clear()


def _folder() -> Path:
    """Of this run of the tests."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    return Path(tempfile.gettempdir()) / f"forks-{os.getuid()}-{run}"


def _start(address: str) -> socket.socket:
    Path(address).unlink(missing_ok=True)
    own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
    process = subprocess.Popen(
        # Not with `-m`: the processes that the service starts would import that module.
        [sys.executable, "-c", f"from harness.fork_server import serve; serve({address!r})"],
        env=own | {"PYTHONPATH": f"{_ROOT}:{_ROOT / 'tests'}", "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _started.append(process)
    while True:
        try:
            return connect(address)
        except OSError:
            assert process.poll() is None, "the fork server has not started"
            time.sleep(_POLL_SECONDS)


def serve(address: str) -> None:
    """What the server does: fork for each request, and tell how each fork has ended."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(address)
    listener.listen(64)
    gc.disable()
    _load()
    gc.freeze()
    gc.enable()
    told, tells = socket.socketpair()
    tells.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: pytest ends, and with it its connections
    signal.set_wakeup_fd(tells.fileno())
    connections: set[socket.socket] = {listener.accept()[0]}
    askers: dict[int, socket.socket] = {}
    while connections:
        for ready in select.select([listener, told, *connections], [], [])[0]:
            if ready is listener:
                connections.add(listener.accept()[0])
            elif ready is told:
                told.recv(4096)
                _tell_ended(askers)
            elif (asked := _asked(ready)) is None:
                connections.discard(ready)
                ready.close()
            else:
                pid = os.fork()
                if pid == 0:
                    for each in (listener, told, tells, *connections):
                        each.close()
                    _become(asked)
                    return
                for file in asked.files:
                    os.close(file)
                askers[pid] = ready
                ready.send(str(pid).encode())


@dataclass(frozen=True)
class _Asked:
    """A process that is asked for."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    files: list[int]
    """Its standard input, output and error."""


def _asked(channel: socket.socket) -> _Asked | None:
    """What a connection asks for; None: it is closed."""
    said, files, _, _ = socket.recv_fds(channel, MOST_BYTES, 3)
    return _Asked(**json.loads(said), files=files) if said else None


def _load() -> None:
    """What commands import, and what `tocsin run` loads before it reads the stream."""
    from service.app.kernels import prepare as prepare_kernels
    from service.cli import COMMANDS, module_of
    from service.stream.entry_reader import prepare as prepare_entries

    for name in COMMANDS:
        import_module(module_of(name))
    prepare_kernels()
    prepare_entries()


def _tell_ended(askers: dict[int, socket.socket]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        with contextlib.suppress(OSError):  # nobody may listen any more
            askers.pop(pid).send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(asked: _Asked) -> None:
    """Go on as `tocsin` with these arguments, as if it had just been started."""
    from service.cli import main

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, instead in enumerate(asked.files):
        os.dup2(instead, number)
        os.close(instead)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    sys.argv = ["tocsin", *asked.arguments]
    try:
        main()
    except SystemExit as ended:
        code = 0 if ended.code is None else ended.code
        assert isinstance(code, int)
    else:
        code = 0
    # As Python ends, but for the objects: to free all that was imported takes half a second.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
