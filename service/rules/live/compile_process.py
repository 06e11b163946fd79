"""Rules compiled by a process of their own, so that matching goes on undisturbed beside it.

In a thread the work would be the same, and the event loop would wait for the interpreter's lock at
every step. The other process writes what it made into a file (`service.rulestore`).
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog

from service.errors import Fault, TocsinError
from service.matching.words.frequencies import Frequencies
from service.processes import cores, ending, pipe, start
from service.rules.compilation.compile import compile_rules
from service.rules.compilation.rule_set import CompileReport, EarlierWatchlists, FindEarlier
from service.rules.compilation.tasks import MapTasks, run_inline
from service.rules.live import compiled_file as rulestore
from service.rules.live.folder import Texts, read
from service.rules.live.helper_process import Partner, serve

NICENESS = 5
"""How far the process steps back behind the one that matches, where both want the same core."""
TOLD = 1000
"""Most faults that are handed over, and logged; `tocsin check` shows them all."""

log = structlog.get_logger(__name__)


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
    findings: CompileReport


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
    rules: Path,
    key: str,
    folder: Path,
    keep: FindEarlier | None,
    frequencies: Frequencies | None = None,
) -> Made:
    """Compile the rules files under `rules`, which must have this key, into a file in `folder`.

    `keep` is asked in a thread; `frequencies` as for `compile_rules`.
    When cancelled, the process ends.
    Raises CompilingFailed, and of its kind FilesChanged and OnlyHere.
    """
    ours, theirs = pipe()
    started: list[BaseProcess] = []
    try:
        try:
            near = None
            if keep is None and cores() > 1:  # nothing is matched yet: both may be used
                near, far = pipe()
                started.append(start("tocsin-rules-partner", serve, far))
            process = start("tocsin-rules", _compile, theirs, near)
            started.append(process)
        except OSError as error:
            raise OnlyHere(f"no process can be started: {error}") from error
        task = _Task(rules, key, folder, rulestore.program(), keep is not None, frequencies)
        try:
            made = await asyncio.to_thread(_talk, ours, task, keep)
        except (EOFError, OSError):
            await asyncio.to_thread(process.join)
            raise CompilingFailed(ending(process)) from None
        for each in started:
            if each.exitcode:
                log.warning("rules.partner_lost", reason=ending(each))
        return made
    finally:
        for each in started:
            each.kill()
        for each in started:
            await asyncio.to_thread(each.join)  # much memory takes its time to be given back
        ours.close()


def _talk(ours: Connection, task: _Task, keep: FindEarlier | None) -> Made:
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


def _compile(theirs: Connection, near: Connection | None) -> None:
    """The other process; `near` leads to its partner."""
    task: _Task = theirs.recv()
    if task.keeps:  # at a start nothing is matched yet
        os.nice(NICENESS)
    each = Partner(near).each if near else run_inline
    try:
        theirs.send(_made(theirs, task, each))
    except CompilingFailed as error:
        theirs.send(error)
    except TocsinError as error:
        theirs.send(CompilingFailed(str(error)))


def _made(theirs: Connection, task: _Task, each: MapTasks) -> Made:
    def ask(keys: npt.NDArray[np.uint64], files: frozenset[str]) -> EarlierWatchlists:
        theirs.send(_Asked(keys, files))
        earlier: EarlierWatchlists = theirs.recv()
        return earlier

    if rulestore.program() != task.program:
        raise OnlyHere("another version was installed meanwhile; restart the service")
    files = read(task.rules)
    if rulestore.key(files) != task.key:
        raise FilesChanged("the rules files changed meanwhile")
    keep = ask if task.keeps else None
    compiled = compile_rules(Texts(files), keep, task.frequencies, map_tasks=each)
    rule_set, findings = compiled.rule_set, compiled.report
    try:
        good = not (findings.faults or findings.kept)
        path = rulestore.write_somewhere(task.folder, task.key, rule_set, to_stay=good)
    except OSError as error:
        raise OnlyHere(f"no folder takes a file: {error}") from error
    return Made(path, _shortened(findings))


def _shortened(findings: CompileReport) -> CompileReport:
    """Of a flood of faults the first ones: they are sent, logged and shown."""
    more = len(findings.faults) - TOLD
    if more <= 0:
        return findings
    last = findings.faults[TOLD - 1]
    hint = "`tocsin check` shows them all."
    rest = Fault(last.file, 0, 0, f"{more} more mistakes are not listed here", hint)
    return replace(findings, faults=(*findings.faults[:TOLD], rest))
