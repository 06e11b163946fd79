"""How much memory this process took at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = "/proc/{}/status"
_HAS_STATUS = Path(_STATUS.format("self")).exists()
_FORGET = Path("/proc/self/clear_refs")


def resident() -> float:
    """MiB that are resident now."""
    return _status("VmRSS") if _HAS_STATUS else peak()


def forget_peak() -> None:
    """Make the peak what is resident now, where the system can: elsewhere it stays as it is."""
    if _FORGET.exists():
        _FORGET.write_text("5", encoding="ascii")


def peak() -> float:
    """MiB that were resident at most since `forget_peak`, or since the process began."""
    if _HAS_STATUS:
        return _status("VmHWM")
    # The BSDs count KiB as Linux does; macOS counts bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def peak_of(process: int) -> float:
    """MiB that another process had resident at most so far; 0 where nobody says."""
    try:
        return _status("VmHWM", process)
    except (FileNotFoundError, ProcessLookupError, LookupError):  # it has ended
        return 0.0


def _status(field: str, process: int | str = "self") -> float:
    path = Path(_STATUS.format(process))
    for line in path.read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) / 2**10
    raise LookupError(f"{path} has no {field}")
