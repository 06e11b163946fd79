"""The limit of open files, tried in processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import resource
from service.app.open_files import max_connections, raise_limit
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(raise_limit(), max_connections(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "then", "room"),
    [(64, 512, 512, 412), (512, 512, 512, 412), (300, 400, 400, 300), (64, 90, 90, 1)],
)
def test_the_soft_limit_is_raised_to_the_hard_one(
    soft: int, hard: int, then: int, room: int
) -> None:
    """So that a shell's 256 or 1,024 is not what a worker has to do with; nor more than that."""
    script = SCRIPT.format(soft=soft, hard=hard)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(then), str(room), str(then), str(hard)]
