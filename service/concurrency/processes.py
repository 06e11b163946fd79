"""Child processes: they end when the process that started them ends.

A `LimitedProcess` answers calls, each of them within limits of time and memory.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

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


def start_process(name: str, work: Callable[..., None], *given: object) -> BaseProcess:
    """Starts a process that does `work` with what is given; ends of pipes are closed here."""
    process = _CONTEXT.Process(target=_run_child, args=(work, *given), name=name, daemon=True)
    process.start()
    for each in given:
        if isinstance(each, Connection):
            each.close()
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


def _run_child(work: Callable[..., None], *given: object) -> None:
    for number in (signal.SIGINT, signal.SIGHUP):  # the parent handles Ctrl-C and a closed terminal
        signal.signal(number, signal.SIG_IGN)
    follow_parent()
    gc.disable()  # the collector would take a fifth of the time and find hardly any garbage
    work(*given)


def follow_parent() -> None:
    """Makes this process end as soon as its parent has ended, for whatever reason."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


# --- within limits ---------------------------------------------------------------------------

START_SECONDS = 60.0
"""How long a process may take to start; it takes one second where the machine is not full."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may need."""

    cpu_seconds: float
    memory_bytes: int
    """More than the process needs when it starts."""
    wall_seconds: float
    """By the clock, for a process that waits and uses no CPU."""


class LimitError(Exception):
    """A call needed more than its limits, or ended its process; the text says "needs …"."""


class CallError(Exception):
    """The work raised an error that it should not; the text is the traceback."""


class LimitedProcess:
    """A process that works on one call after the other; it is not alive after a `LimitError`.

    It starts with the first call. Calls block, so the event loop makes them in a thread.
    """

    def __init__(
        self, name: str, begin: Callable[[], Callable[[Any], Any]], limits: Limits
    ) -> None:
        """`begin` is called once in the new process; what it returns does the calls."""
        self._name = name
        self._begin = begin
        self._limits = limits
        self._process: BaseProcess | None = None
        self._ours: Connection | None = None
        self.alive = True
        """Whether it takes another call."""

    def call(self, argument: object) -> Any:
        """What the work returns. Raises LimitError or CallError."""
        try:
            process, ours = self._started()
            send_object(ours, argument)
            done, answer = _received(ours, self._limits.wall_seconds)
        except LimitError:
            self.kill()
            raise
        except (EOFError, OSError) as error:
            raise LimitError(self._why_ended(process)) from error
        if done is None:
            self.kill()
            raise LimitError(_memory_needed(self._limits))
        if not done:
            raise CallError(answer)
        return answer

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.alive = False
        if self._process is not None and self._ours is not None:
            self._process.kill()  # a process that hangs in C reacts to nothing else
            self._process.join()
            self._ours.close()

    def _started(self) -> tuple[BaseProcess, Connection]:
        if self._process is None or self._ours is None:
            self._ours, theirs = open_pipe()
            self._process = start_process(self._name, _serve, theirs, self._begin, self._limits)
            with contextlib.suppress(EOFError, OSError):  # the call that follows says why
                _received(self._ours, START_SECONDS)
        return self._process, self._ours

    def _why_ended(self, process: BaseProcess) -> str:
        process.join(1)
        code = process.exitcode
        self.kill()
        if code == -signal.SIGPROF:
            return f"needs more than {self._limits.cpu_seconds:g} s of CPU"
        if code == -signal.SIGKILL:  # the system's answer where it has no memory left
            return _memory_needed(self._limits)
        return f"ends the process that works on it: {describe_exit(process)}"


def _received(connection: Connection, seconds: float) -> Any:
    if not connection.poll(seconds):
        raise LimitError(f"needs more than {seconds:g} s")
    return connection.recv()


def _memory_needed(limits: Limits) -> str:
    return f"needs more than {limits.memory_bytes // 2**20} MiB of memory"


def _serve(
    connection: Connection, begin: Callable[[], Callable[[Any], Any]], limits: Limits
) -> None:
    gc.enable()  # this process stays, and trees of a page hold circles
    work = begin()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit_memory(limits.memory_bytes)
    connection.send(None)
    while True:
        try:
            argument = connection.recv()
        except EOFError:
            return
        # RLIMIT_CPU counts whole seconds of the process, and would give a call up to one more.
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
        answer = _answer(work, argument)
        signal.setitimer(signal.ITIMER_PROF, 0)
        connection.send_bytes(answer)


def _answer(work: Callable[[Any], Any], argument: object) -> bytes:
    """Pickled: whether the work came to its end, and what it returned; None for want of memory."""
    try:
        answer = (True, work(argument))
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps((None, None))
    except Exception:  # noqa: BLE001 - the caller says what becomes of it
        return pickle.dumps((False, traceback.format_exc()))


def _limit_memory(more_bytes: int) -> None:
    if sys.platform != "linux":  # others do not hold to it
        return
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + more_bytes
    with contextlib.suppress(ValueError):  # a lower limit is set from outside
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
