"""How much memory this process took at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")


def resident() -> float:
    """MiB that are resident now."""
    return _status("VmRSS") if _STATUS.exists() else peak()


def forget_peak() -> None:
    """Make the peak what is resident now, where the system can: elsewhere it stays as it is."""
    if _FORGET.exists():
        _FORGET.write_text("5", encoding="ascii")


def peak() -> float:
    """MiB that were resident at most since `forget_peak`, or since the process began."""
    if _STATUS.exists():
        return _status("VmHWM")
    # The BSDs count KiB as Linux does; macOS counts bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _status(field: str) -> float:
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) / 2**10
    raise LookupError(f"{_STATUS} has no {field}")
