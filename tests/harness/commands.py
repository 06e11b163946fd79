"""Commands run within the test's own process: as `tocsin …` runs them, but at once."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.main import get_command

from harness.receiver import SECRET
from service.cli import COMMANDS, main, module_of

RULES = """
watchlists:
  - {id: jets, match: Turkey AND fighter jet, tags: [defence], notify: [desk]}
  - {id: tanks, match: Turkey AND tank, notify: [desk, other]}
subscribers:
  - id: desk
    webhook: {url: "${DESK_URL}", secret: "${DESK_SECRET}"}
  - {id: other, email: {to: [editors@example.org], from: alerts@example.org}}
"""


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    """Without white space at the ends of lines."""
    err: str


class Shell:
    """A terminal of 80 columns, with the environment of the tests and what is exported."""

    def __init__(self, patch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
        self._patch = patch
        # What else runs in this process logs to standard output as it comes, and not into a
        # command's own: that is a text for a program to read.
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
        self.export(**{**environment, "COLUMNS": "80"})

    def export(self, **variables: str) -> None:
        """Set environment variables."""
        for name, text in variables.items():
            self._patch.setenv(name, text)

    async def run(self, *words: str, out: Any = None) -> Said:
        """Run `tocsin` with these words to its end; it prints to `out`, if that is given."""
        self._patch.setattr(sys, "argv", ["tocsin", *words])
        return await asyncio.to_thread(_run, out)


def a_shell(patch: pytest.MonkeyPatch, folder: Path, redis_url: str, *streams: str) -> Shell:
    """A shell whose current directory holds rules, beside the test's Redis."""
    patch.chdir(folder)
    (folder / "rules").mkdir()
    (folder / "rules" / "rules.yaml").write_text(RULES, encoding="utf-8")
    environment = {
        "TOCSIN_REDIS_URL": redis_url,
        "TOCSIN_STREAMS": ",".join(streams),
        "TOCSIN_RULES": str(folder / "rules"),
        "TOCSIN_DATA_DIR": str(folder / "data"),
        "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
        "TOCSIN_RULES_VARIABLES": "DESK_*",
        "DESK_SECRET": SECRET,
    }
    return Shell(patch, environment)


def leaf_commands() -> list[str]:
    """Every command that does something, with its group: `deliveries list`."""
    found = []
    for name in COMMANDS:
        command: Any = get_command(import_module(module_of(name)).app)
        inner = getattr(command, "commands", None)
        found += [f"{name} {each}" for each in inner] if inner else [name]
    return found


def wide(text: str) -> list[str]:
    """The lines that a terminal of 80 columns would break."""
    return [line for line in text.splitlines() if len(line) > 80]


def _run(given: Any) -> Said:
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    # Or the set-up of the command's logging would close pytest's own.
    logging.getLogger().handlers.clear()
    with contextlib.redirect_stdout(given or out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    shown = "".join(f"{line.rstrip()}\n" for line in out.getvalue().split("\n")[:-1])
    return Said(code if isinstance(code, int) else 0, shown, err.getvalue())
