"""Compiled kernels are kept in files; if that fails, they are compiled again, and it is logged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, resource, sys
from pathlib import Path
import numba
import numpy as np
from service.matching.kernels import compiled

def start(step):
    if step == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    @compiled
    def total(numbers):
        found = 0
        for each in numbers:
            found += each
        return found

    said = total(np.arange(5)), sum(total.made.stats.cache_hits.values())
    os.write(1, b"%d %d\\n" % said)

numba.njit(lambda numbers: len(numbers))(np.arange(5))
for step in sys.argv[1:]:
    for kept in Path(os.environ["NUMBA_CACHE_DIR"]).rglob(f"*.{step}"):
        kept.write_bytes(b"")
    if os.fork() == 0:
        start(step)
        os._exit(0)
    _, status = os.wait()
    assert status == 0, step
"""
"""Each step is a start with a kernel of its own; they share what numba loads to compile any."""

STARTS = {
    "full": ["kernels.cache_failed", "10 0"],  # a disk that is full
    "first": ["10 0"],
    "second": ["10 1"],
    "nbi": ["kernels.cache_failed", "10 0"],  # its index is damaged
    "after nbi": ["10 1"],
    "nbc": ["kernels.cache_failed", "10 0"],  # its code is damaged
    "after nbc": ["10 1"],
}
"""What is said by one start after another: what the kernel computes, and how often it was found."""


def test_a_kernel_that_cannot_be_kept_or_is_damaged_is_compiled(tmp_path: Path) -> None:
    """It computes the same; once damaged, it is whole again at the next start."""
    path = tmp_path / "program.py"
    path.write_text(SCRIPT)
    where = {"NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, path, *STARTS],
        env=os.environ | where,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines() == [line for lines in STARTS.values() for line in lines]
