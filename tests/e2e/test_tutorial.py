"""The tutorial leads from an empty folder to a live watchlist: each of its blocks is run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.page_reader import follow
from harness.readme_blocks import ROOT, blocks
from harness.terminal import Terminal, eventually, free_port

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """An empty folder."""
    found = Terminal(tmp_path)
    try:
        yield found
    finally:
        found.close()


@pytest.mark.timeout(240)
def test_who_follows_the_tutorial_gets_what_it_shows(terminal: Terminal) -> None:
    """And the receiver prints the three alerts."""
    port = free_port()
    for block in blocks(TUTORIAL.replace("9109", str(port))):
        follow(block, terminal, port)
    received = terminal.printed("python3 receiver.py")

    def alerted() -> list[str]:
        said = received.read_text("utf-8").splitlines()
        return sorted(line.removeprefix("alert.created ") for line in said if "POST" not in line)

    expected = [
        "Antwerp pilots walk out",
        "Dockers in Hamburg begin a strike",
        "Union calls strikes at all Greek ports",
    ]
    eventually(lambda: alerted() == expected, lambda: received.read_text("utf-8"))
