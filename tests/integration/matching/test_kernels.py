"""Compiled kernels are kept in files; if that fails, they are compiled again, and it is logged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import resource, sys
import numpy as np
from service.matching.kernels import compiled

@compiled
def total(numbers):
    found = 0
    for each in numbers:
        found += each
    return found

if sys.argv[1:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
print(total(np.arange(5)), sum(total.stats.cache_hits.values()))
"""


def run(script: Path, *options: str) -> tuple[str, str]:
    """What the script computes and how often it found it compiled, and what is told."""
    where = {"NUMBA_CACHE_DIR": str(script.parent / "kept"), "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, script, *options],
        env=os.environ | where,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A program with a kernel."""
    path = tmp_path / "program.py"
    path.write_text(SCRIPT)
    return path


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_a_damaged_kernel_is_compiled_again(script: Path, ending: str) -> None:
    """Once: it is whole again at the next start."""
    assert run(script) == ("10 0", "")
    assert run(script) == ("10 1", "")
    for kept in script.parent.rglob(f"*.{ending}"):
        kept.write_bytes(b"")
    said, told = run(script)
    assert said == "10 0"
    assert "kernels.cache_failed" in told
    assert run(script) == ("10 1", "")


def test_a_kernel_that_cannot_be_kept_runs_all_the_same(script: Path) -> None:
    """As on a disk that is full."""
    said, told = run(script, "full")
    assert said == "10 0"
    assert "kernels.cache_failed" in told
