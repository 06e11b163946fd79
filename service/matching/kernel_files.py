"""The sources of the compiled kernels, and the file that says that all of them were compiled."""

from __future__ import annotations

import functools
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_ENGINE_KERNELS = _PACKAGE / "matching" / "engine" / "kernel"
_STORY_KERNELS = _PACKAGE / "alerts" / "stories" / "kernel"
_OTHER_SOURCES = (
    "matching/compiler.py",
    "matching/kernels.py",
    "matching/engine/opcodes.py",
    "matching/evaluation/evidence.py",
    "matching/words/characters.py",
    "matching/words/abbreviations.py",
)
"""Files outside these folders with constants that are compiled into kernels."""


def kernel_sources() -> list[Path]:
    """The files whose content decides what the compiled kernels do."""
    folders = (_ENGINE_KERNELS, _ENGINE_KERNELS / "scores", _STORY_KERNELS)
    found = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    return [*found, *(_PACKAGE / name for name in _OTHER_SOURCES)]


@functools.cache
def source_stamp() -> str:
    """A digest of all kernels: one is compiled into another, which numba does not notice."""
    content = b"".join(path.read_bytes() for path in kernel_sources())
    return hashlib.blake2b(content).hexdigest()[:16]


def mark() -> Path:
    """The file that exists if all kernels were compiled for this Python next to the source."""
    python = "".join(map(str, sys.version_info[:2]))
    name = f"kernels-{source_stamp()}-{version('numba')}.py{python}"
    return _ENGINE_KERNELS / "__pycache__" / name
