"""Locks on files: the kernel drops one when its last holder ends, so none is ever left behind."""

from __future__ import annotations

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def exclusive(path: Path, *, wait: bool = True) -> BinaryIO:
    """The file, locked for this holder alone until it is closed.

    Raises BlockingIOError where another holds it and `wait` is false; OSError.
    """
    return _locked(path, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def shared(path: Path) -> BinaryIO:
    """The file, locked together with any number of other shared holders until it is closed."""
    return _locked(path, fcntl.LOCK_SH)


def held(path: Path) -> bool:
    """Whether anybody holds the lock on this file."""
    try:
        exclusive(path, wait=False).close()
    except BlockingIOError:
        return True
    return False


def made_exclusive(file: BinaryIO) -> bool:
    """Turn a shared lock into an exclusive one; whether no other process shared it."""
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _locked(path: Path, operation: int) -> BinaryIO:
    file = path.open("ab")
    try:
        fcntl.flock(file, operation)
    except BaseException:
        file.close()
        raise
    return file
