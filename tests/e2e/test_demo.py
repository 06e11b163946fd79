"""The demo after the samples, in a terminal of its own: what the reader publishes, and Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
JETS = {"id": "own", "title": "Pakistan and Turkey to build fighter jets", "body": "In Ankara."}
CORRECTED = JETS | {"title": "Pakistan and Turkey to build ten fighter jets"}
WITHDRAWN = JETS | {"title": "Nothing was agreed"}
HOSPITAL = {"title": "Ransomware attack closes hospital in Bruges", "body": "On Sunday."}


def wait_for(text: str, said: Path) -> None:
    """Return as soon as the demo has said it."""
    deadline = time.monotonic() + PATIENCE
    while text not in said.read_text("utf-8"):
        assert time.monotonic() < deadline, said.read_text("utf-8")
        time.sleep(0.05)


@pytest.mark.timeout(180)
def test_the_demo_shows_corrections_and_ends_in_order(tmp_path: Path) -> None:
    """Whatever kind of event it is; and Ctrl-C, which every process hears, leaves no traceback."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")}
    own |= {"COLUMNS": "80", "PYTHONUNBUFFERED": "1"}
    said = tmp_path / "said"
    with said.open("wb") as out:
        demo = subprocess.Popen(
            [sys.executable, "-m", "service", "demo"],
            cwd=ROOT,
            env=own,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for("tocsin publish article.txt", said)
        found = re.search(r"TOCSIN_DATA_DIR=(\S+) (?:\S+/)?tocsin publish", said.read_text("utf-8"))
        assert found is not None
        for article, shown in (
            (JETS, JETS["title"]),
            (CORRECTED, "alert.updated"),
            (WITHDRAWN, "alert.retracted"),
            (HOSPITAL, HOSPITAL["title"]),
        ):
            subprocess.run(
                [sys.executable, "-m", "service", "publish", "-"],
                cwd=ROOT,
                env=own | {"TOCSIN_DATA_DIR": found[1]},
                input=json.dumps(article).encode(),
                check=True,
                capture_output=True,
            )
            wait_for(shown, said)
        os.killpg(demo.pid, signal.SIGINT)
        assert demo.wait(PATIENCE) == 0
        assert "Traceback" not in said.read_text("utf-8")
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
