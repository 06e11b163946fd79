"""Processes of our own: they end with the one that started them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

_CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy the locks of our threads


def pipe() -> tuple[Connection, Connection]:
    """Two ends, each for one process."""
    return _CONTEXT.Pipe()


def start(name: str, work: Callable[..., None], *ends: Connection | None) -> BaseProcess:
    """Starts a process that does `work` with these ends of pipes, which are then its own."""
    process = _CONTEXT.Process(target=_life, args=(work, *ends), name=name, daemon=True)
    process.start()
    for end in ends:
        if end is not None:
            end.close()
    return process


def ending(process: BaseProcess) -> str:
    """How a process ended."""
    code = process.exitcode
    if code is not None and code < 0:
        hint = "; is there enough memory?" if code == -signal.SIGKILL else ""
        return f"the process {process.name} was ended by {signal.Signals(-code).name}{hint}"
    return f"the process {process.name} ended with exit code {code}"


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _life(work: Callable[..., None], *ends: Connection | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    follow_parent()
    gc.disable()  # it would look for garbage a fifth of the time, and hardly find any
    work(*ends)


def follow_parent() -> None:
    """Has this process end as soon as the one that started it has, however that ended."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
