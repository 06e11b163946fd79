"""Starts `tocsin run` quickly: a process that has imported the service once, and forks for each.

To import the service, its kernels and the English dictionary takes some 2 s of CPU a process. A
fork has done so already. Otherwise it is as any other: its own environment, folder, signals and
end. Where forks are not safe after such imports (macOS), and in tests about the start itself,
processes are started from nothing.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SUPPORTED = sys.platform == "linux"
_ROOT = Path(__file__).parents[2]
_POLL_SECONDS = 0.01


class Fork:
    """One forked process, with the parts of `asyncio.subprocess.Process` that tests use."""

    def __init__(
        self,
        server: ForkServer,
        pid: int,
        stderr: asyncio.StreamReader,
        transport: asyncio.ReadTransport,
    ) -> None:
        self._server = server
        self.pid = pid
        self.stderr = stderr
        self._transport = transport

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._server.exit_code(self.pid)

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


class ForkServer:
    """The process that forks; it ends with the process that made it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        self._unread = b""
        self._codes: dict[int, int] = {}
        own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
        with theirs:
            self._process = subprocess.Popen(
                # Not with `-m`: the processes that the service starts would import that module.
                [sys.executable, "-c", "from harness.fork_server import serve; serve()"],
                env=own | {"PYTHONPATH": f"{_ROOT}:{_ROOT / 'tests'}", "OPENBLAS_NUM_THREADS": "1"},
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
            )

    async def fork(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> Fork:
        """Run `tocsin` with these arguments."""
        reading, writing = os.pipe()
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading, "rb")
        )
        asked = {"arguments": arguments, "environment": dict(environment), "folder": str(folder)}
        line = json.dumps(asked).encode() + b"\n"
        try:
            sent = socket.send_fds(self._channel, [line], [writing])
            self._channel.sendall(line[sent:])
        finally:
            os.close(writing)
        while (pid := self._take("started")) is None:
            await asyncio.sleep(_POLL_SECONDS)
        return Fork(self, pid, stream, transport)

    def exit_code(self, pid: int) -> int | None:
        """The exit code of a fork; None while it runs."""
        self._take("ended")
        return self._codes.get(pid)

    def close(self) -> None:
        """End the server."""
        self._channel.close()
        self._process.wait(timeout=10)

    def _take(self, wanted: str) -> int | None:
        """Read what the server has said; the process of the first such line, if there is one."""
        while select.select([self._channel], [], [], 0)[0]:
            said = self._channel.recv(65536)
            assert said, "the fork server has ended"
            self._unread += said
        *lines, rest = self._unread.split(b"\n")
        kept = []
        found = None
        for line in lines:
            told: dict[str, Any] = json.loads(line)
            if "ended" in told:
                self._codes[told["ended"]] = told["code"]
            elif wanted == "started" and found is None:
                found = int(told["started"])
            else:
                kept.append(line + b"\n")
        self._unread = b"".join([*kept, rest])
        return found


def serve() -> None:
    """What the server does: fork for each request, and tell how each fork has ended."""
    gc.disable()
    # What `tocsin run` imports first, and what it loads before it reads the stream.
    import service.cli.run  # noqa: F401
    from service.matching.engine.engine import prepare

    prepare()
    gc.freeze()
    gc.enable()
    channel = socket.socket(fileno=os.dup(0))
    told, tells = socket.socketpair()
    tells.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: pytest ends, and with it the channel
    signal.set_wakeup_fd(tells.fileno())
    unread = b""
    stderrs: list[int] = []
    while True:
        ready = select.select([channel, told], [], [])[0]
        if channel in ready:
            said, sent, _, _ = socket.recv_fds(channel, 65536, 1)
            if not said:
                return
            stderrs += sent
            *lines, unread = (unread + said).split(b"\n")
            for line in lines:
                stderr = stderrs.pop(0)
                pid = os.fork()
                if pid == 0:
                    for each in (channel, told, tells):
                        each.close()
                    _become(stderr, **json.loads(line))
                    return
                os.close(stderr)
                channel.sendall(json.dumps({"started": pid}).encode() + b"\n")
        if told in ready:
            told.recv(4096)
            _tell_ended(channel)


def _tell_ended(channel: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        ended = {"ended": pid, "code": os.waitstatus_to_exitcode(status)}
        channel.sendall(json.dumps(ended).encode() + b"\n")


def _become(
    stderr: int, arguments: Sequence[str], environment: Mapping[str, str], folder: str
) -> None:
    """Go on as `tocsin` with these arguments, as if it had just been started."""
    from service.cli import main

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, instead in enumerate((nothing, nothing, stderr)):
        os.dup2(instead, number)
    os.close(nothing)
    os.close(stderr)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tocsin", *arguments]
    main()
