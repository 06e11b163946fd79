"""The demo in a terminal of its own: the samples, what the reader publishes, and Ctrl-C.

One process for all of it: to start it and to show the samples takes as long as twenty other tests.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from builders.alerts import eventually
from harness.commands import Shell
from harness.readme_blocks import ROOT, commands, normal, shown_in

PATIENCE = 60.0
GOES_ON = "Now try your own"
JETS = {"id": "own", "title": "Pakistan and Turkey to build fighter jets", "body": "In Ankara."}
CORRECTED = JETS | {"title": "Pakistan and Turkey to build ten fighter jets"}
WITHDRAWN = JETS | {"title": "Nothing was agreed"}
SEA = {"title": "Ducks go to sea", "body": "Nobody knows why."}
HOSPITAL = {"title": "Ransomware attack closes hospital in Bruges", "body": "On Sunday."}


class Demo:
    """`tocsin demo`, as a reader's shell runs it; what it says goes to a file."""

    def __init__(self, said: Path) -> None:
        own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
        self._said = said
        with said.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service", "demo"],
                cwd=ROOT,
                env=own | {"COLUMNS": "80", "PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self._said.read_text("utf-8")

    async def says(self, text: str) -> None:
        """Return as soon as the demo has said it."""
        try:
            await eventually(
                lambda: text in self.said or self._process.poll() is not None, PATIENCE
            )
        finally:
            assert text in self.said, self.said

    def interrupt(self) -> int:
        """Ctrl-C, which every process of it hears; its exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        """Leave nothing running."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.mark.timeout(180)
async def test_the_demo_shows_the_samples_and_what_the_reader_publishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First what the README shows, then whatever kind of event; Ctrl-C leaves no traceback."""
    demo = Demo(tmp_path / "said")
    try:
        await demo.says("tocsin publish article.txt")
        the_readme_shows(demo.said.partition(GOES_ON)[0])
        found = re.search(r"TOCSIN_DATA_DIR=(\S+) (?:\S+/)?tocsin publish", demo.said)
        assert found is not None
        for name in [*os.environ]:
            if name.startswith("TOCSIN_"):
                monkeypatch.delenv(name)
        shell = Shell(monkeypatch, {"TOCSIN_DATA_DIR": found[1]})
        file = tmp_path / "article.json"
        for article, shown in (
            (JETS, JETS["title"]),
            (CORRECTED, "alert.updated"),
            (WITHDRAWN, "alert.retracted"),
            (HOSPITAL, HOSPITAL["title"]),
            (SEA, "“Ducks go to sea” matches no watchlist"),
            (
                {"html": "<html><body></body></html>"},
                "a dead letter: html: the page yields no text",
            ),
        ):
            file.write_text(json.dumps(article), encoding="utf-8")
            assert (await shell.run("publish", str(file))).code == 0
            await demo.says(shown)
        assert demo.interrupt() == 0
        assert "Traceback" not in demo.said
    finally:
        demo.kill()


def the_readme_shows(output: str) -> None:
    """The first line, the panel as it stands there, and the last line."""
    ((_, expected),) = (each for each in commands("console") if each[0] == "make demo")
    assert shown_in(expected, output), output
    panel = expected.split("…\n")[1]
    assert panel.startswith("╭─")
    assert len(normal(expected).splitlines()) >= 12
