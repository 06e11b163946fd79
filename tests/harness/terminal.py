"""A reader's terminals, in which the README's commands are run as processes.

`tocsin` is forked from one that has imported it: what each command imports, other tests watch.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness import fork_client, fork_server

PATIENCE = 40.0
"""Seconds that a thing may take to come true; each takes about one."""


def eventually(holds: Callable[[], bool], what: Callable[[], str]) -> None:
    """Return as soon as it holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


def free_port() -> int:
    """A port of the loopback address that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class Terminal:
    """A reader's terminals: one folder, and the variables that were exported so far."""

    folder: Path
    output: str = ""
    """What the last command printed."""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.folder / "bin"
        programs.mkdir()
        tocsin = "-m service"
        if fork_server.SUPPORTED:
            tocsin = f'-IS "{fork_client.__file__}" "{fork_server.server()}"'
        for name, arguments in {"tocsin": tocsin, "python3": ""}.items():
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            program.chmod(0o755)
        own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
        self._environment = own | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "COLUMNS": "80",
            "PYTHONUNBUFFERED": "1",
            "TOCSIN_DATA_DIR": str(self.folder / "data"),
            "TOCSIN_PORT": "0",
            "TOCSIN_LOG_FORMAT": "json",
        }
        (self.folder / "exported").touch()
        (self.folder / ".venv/bin").mkdir(parents=True)
        (self.folder / ".venv/bin/activate").touch()

    def run(self, command: str) -> None:
        """Run a command to its end; `output` is what it printed. Its exports stay."""
        script = f". ./exported; set -e\n{command}\nexport -p > exported"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        self.output = done.stdout

    def start(self, block: str) -> None:
        """Run a block in another terminal, which knows no variable; its last command runs on."""
        *before, command = block.strip().splitlines()
        with (self.printed(command)).open("wb") as file:
            self.running[command] = subprocess.Popen(
                ["bash", "-c", "\n".join(["set -e", *before, f"exec {command}"])],
                cwd=self.folder,
                env=self._environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def printed(self, command: str) -> Path:
        """The file that keeps what a command in another terminal prints."""
        return self.folder / f"{command.replace(' ', '-')}.out"

    def said(self, command: str, words: str) -> None:
        """Wait until the command in another terminal has said this."""
        file = self.printed(command)
        eventually(
            lambda: words in file.read_text("utf-8") or self.running[command].poll() is not None,
            lambda: file.read_text("utf-8"),
        )
        assert words in file.read_text("utf-8"), file.read_text("utf-8")

    def variable(self, name: str) -> str:
        """The value of an exported variable."""
        self.run(f'printf %s "${name}"')
        return self.output

    def close(self) -> None:
        """End what still runs; each must end well, as with Ctrl-C."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(timeout=PATIENCE)


@contextlib.contextmanager
def interrupts_heard() -> Iterator[None]:
    """What is started meanwhile hears Ctrl-C, though these tests may not.

    A shell has its background jobs ignore it, and so does what such a job starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
