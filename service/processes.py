"""Child processes: they end when the process that started them ends."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

COLLECT_AFTER = 20_000, 20, 50
"""New objects until the youngest generation is collected, and how often each until the next one is:
with Python's 700 or 2,000 the collector takes a tenth of a delivery's time."""

_CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy the locks of our threads


def open_pipe() -> tuple[Connection, Connection]:
    """The two ends of a pipe, one for each process."""
    return _CONTEXT.Pipe()


def send_object(connection: Connection, value: object) -> None:
    """As `Connection.send`, but safe when the other process ends.

    `Connection.send` writes a view of a buffer. If that fails, the traceback holds both, and Python
    3.13 reports an error when the garbage collector closes the buffer before the view.
    """
    connection.send_bytes(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def start_process(name: str, work: Callable[..., None], *ends: Connection | None) -> BaseProcess:
    """Starts a process that does `work` with these ends of pipes; they are closed here."""
    process = _CONTEXT.Process(target=_run_child, args=(work, *ends), name=name, daemon=True)
    process.start()
    for end in ends:
        if end is not None:
            end.close()
    return process


def describe_exit(process: BaseProcess) -> str:
    """How a process ended, as a sentence."""
    code = process.exitcode
    if code is not None and code < 0:
        hint = "; is there enough memory?" if code == -signal.SIGKILL else ""
        return f"the process {process.name} was ended by {signal.Signals(-code).name}{hint}"
    return f"the process {process.name} ended with exit code {code}"


def freeze_loaded_objects() -> None:
    """What is loaded now stays to the end: the garbage collector looks through it no more.

    From then on it collects less often: a service at work makes many objects and few cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def usable_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run_child(work: Callable[..., None], *ends: Connection | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    follow_parent()
    gc.disable()  # the collector would take a fifth of the time and find hardly any garbage
    work(*ends)


def follow_parent() -> None:
    """Makes this process end as soon as its parent has ended, for whatever reason."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
