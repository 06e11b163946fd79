"""Rules compiled by a process of their own, so that matching goes on undisturbed beside it.

In a thread the work would be the same, and the event loop would wait for the interpreter's lock at
every step. The other process writes what it made into a file (`service.rulestore`).
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service import rulestore
from service.compiling import compile_rules
from service.errors import Fault, TocsinError
from service.matching.frequencies import Frequencies
from service.ruleset import Earlier, Findings, Keep
from service.rulesfolder import Texts, read

NICENESS = 5
"""How far the process steps back behind the one that matches, where both want the same core."""
TOLD = 1000
"""Most faults that are handed over, and logged; `tocsin check` shows them all."""


class CompilingFailed(TocsinError):
    """The other process brought no rules; the text says why."""


class FilesChanged(CompilingFailed):
    """The rules files are no longer those that were asked for."""


class OnlyHere(CompilingFailed):
    """No other process can do this one's work; the text says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the other process brings."""

    path: Path
    """The file that holds the rules; in another folder than asked for where that took no file."""
    findings: Findings


@dataclass(frozen=True, slots=True)
class _Task:
    rules: Path
    key: str
    folder: Path
    program: bytes
    keeps: bool
    frequencies: Frequencies | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question for watchlists in force that may have to stay."""

    keys: npt.NDArray[np.uint64]
    files: frozenset[str]


async def compile_beside(
    rules: Path, key: str, folder: Path, keep: Keep | None, frequencies: Frequencies | None = None
) -> Made:
    """Compile the rules files under `rules`, which must have this key, into a file in `folder`.

    `keep` is asked in a thread; `frequencies` as for `compile_rules`.
    When cancelled, the process ends.
    Raises CompilingFailed, and of its kind FilesChanged and OnlyHere.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy the locks of our threads
    ours, theirs = context.Pipe()
    process = context.Process(target=_compile, args=(theirs,), name="tocsin-rules", daemon=True)
    process.start()
    theirs.close()
    task = _Task(rules, key, folder, rulestore.program(), keep is not None, frequencies)
    try:
        return await asyncio.to_thread(_talk, ours, task, keep)
    except (EOFError, OSError):
        await asyncio.to_thread(process.join)
        raise CompilingFailed(_ending(process.exitcode)) from None
    finally:
        process.kill()
        await asyncio.to_thread(process.join)  # much memory takes its time to be given back
        ours.close()


def _talk(ours: Connection, task: _Task, keep: Keep | None) -> Made:
    """Hands the task over and answers until it is done.

    Not as an argument of the process: to start it would wait until all of that was read. Raises
    EOFError, OSError when the process ended before.
    """
    ours.send(task)
    while True:
        said = ours.recv()
        if isinstance(said, Made):
            return said
        if isinstance(said, CompilingFailed):
            raise said
        if isinstance(said, _Asked) and keep is not None:
            ours.send(keep(said.keys, said.files))
        else:
            raise AssertionError(f"the process that compiles the rules said {said!r}")


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = "; is there enough memory?" if code == -signal.SIGKILL else ""
        return f"the process that compiles the rules was ended by {name}{hint}"
    return f"the process that compiles the rules ended with exit code {code}"


def _compile(theirs: Connection) -> None:
    """The other process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    task: _Task = theirs.recv()
    if task.keeps:  # at a start nothing is matched yet
        os.nice(NICENESS)
    gc.disable()  # it would look for garbage a fifth of the time, and hardly find any
    try:
        theirs.send(_made(theirs, task))
    except CompilingFailed as error:
        theirs.send(error)
    except TocsinError as error:
        theirs.send(CompilingFailed(str(error)))


def _made(theirs: Connection, task: _Task) -> Made:
    def ask(keys: npt.NDArray[np.uint64], files: frozenset[str]) -> Earlier:
        theirs.send(_Asked(keys, files))
        earlier: Earlier = theirs.recv()
        return earlier

    if rulestore.program() != task.program:
        raise OnlyHere("another version was installed meanwhile; restart the service")
    files = read(task.rules)
    if rulestore.key(files) != task.key:
        raise FilesChanged("the rules files changed meanwhile")
    keep = ask if task.keeps else None
    rule_set, findings = compile_rules(Texts(files), keep, task.frequencies)
    try:
        good = not (findings.faults or findings.kept)
        path = rulestore.write_somewhere(task.folder, task.key, rule_set, to_stay=good)
    except OSError as error:
        raise OnlyHere(f"no folder takes a file: {error}") from error
    return Made(path, _shortened(findings))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _shortened(findings: Findings) -> Findings:
    """Of a flood of faults the first ones: they are sent, logged and shown."""
    more = len(findings.faults) - TOLD
    if more <= 0:
        return findings
    last = findings.faults[TOLD - 1]
    hint = "`tocsin check` shows them all."
    rest = Fault(last.file, 0, 0, f"{more} more mistakes are not listed here", hint)
    return replace(findings, faults=(*findings.faults[:TOLD], rest))
