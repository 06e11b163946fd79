"""The process that compiles rules into a file, and the messages between it and its parent."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.concurrency.processes import send_object
from service.errors import Fault, TocsinError
from service.matching.words.frequencies import Frequencies
from service.rules.compilation.compile import compile_rules, compile_shared
from service.rules.compilation.rule_set import CompileReport, EarlierWatchlists
from service.rules.compilation.tasks import run_inline
from service.rules.live.cache import store_rules
from service.rules.live.cache_key import cache_key, file_digests, program_hash
from service.rules.live.failures import CompileFailed, FilesChanged, MustCompileHere
from service.rules.live.folder import DecodedTexts, read_files
from service.rules.live.processes.helper_process import HelperProcess

NICENESS = 5
"""Added to the child's niceness, so that the process that matches comes first on a shared core."""
MAX_REPORTED_FAULTS = 1000
"""Most faults that are sent to the parent, and logged; `tocsin check` shows all of them."""


@dataclass(frozen=True, slots=True)
class SharedWatchlists:
    """The watchlists of a set of rules that another worker compiled from its files."""

    watchlists: EarlierWatchlists
    digest: str


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """Parent → child: which rules to compile."""

    rules: Path
    """Folder or file."""
    shared: SharedWatchlists | None
    """Watchlists to compile that another worker shares, in place of those in the files."""
    key: str
    """The cache key that the rules must have."""
    folder: Path
    """Where the compiled rules are stored."""
    frequencies: Frequencies | None
    """As for `compile_rules`."""
    is_reload: bool
    """Whether this process has rules in force, by which it matches meanwhile."""
    has_earlier: bool
    """Whether earlier versions of faulty watchlists are known."""
    program: bytes
    """The program hash of the parent."""


@dataclass(frozen=True, slots=True)
class EarlierQuestion:
    """Child → parent: the arguments of `FindEarlier`; the answer is an `EarlierWatchlists`."""

    id_hashes: npt.NDArray[np.uint64]
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class CompiledFile:
    """Child → parent: the result."""

    path: Path
    """In another folder than requested if that could not be written."""
    report: CompileReport


def run_child(parent: Connection, helper: Connection | None) -> None:
    """All that the child does; `helper` is the connection to its helper process."""
    request: CompileRequest = parent.recv()
    if request.is_reload:
        os.nice(NICENESS)
    try:
        send_object(parent, _compile(parent, request, helper))
    except CompileFailed as error:
        send_object(parent, error)
    except TocsinError as error:
        send_object(parent, CompileFailed(str(error)))


def _compile(
    parent: Connection, request: CompileRequest, helper: Connection | None
) -> CompiledFile:
    def ask_parent(id_hashes: npt.NDArray[np.uint64], files: frozenset[str]) -> EarlierWatchlists:
        send_object(parent, EarlierQuestion(id_hashes, files))
        earlier: EarlierWatchlists = parent.recv()
        return earlier

    if program_hash() != request.program:
        raise MustCompileHere("another version has been installed; restart the service")
    if request.shared is not None:
        shared = request.shared
        compiled = compile_shared(shared.watchlists, shared.digest, request.frequencies)
    else:
        files = read_files(request.rules)
        digests = file_digests(files)
        if cache_key(digests) != request.key:
            raise FilesChanged("the rules files have changed again")
        compiled = compile_rules(
            DecodedTexts(files),
            ask_parent if request.has_earlier else None,
            request.frequencies,
            digests=digests,
            map_tasks=HelperProcess(helper).map_tasks if helper else run_inline,
        )
    report = compiled.report
    try:
        good = not (report.faults or report.kept or report.left_out)
        path = store_rules(request.folder, request.key, compiled.rule_set, keep=good)
    except OSError as error:
        raise MustCompileHere(f"no folder can be written: {error}") from error
    return CompiledFile(path, _shorten(report))


def _shorten(report: CompileReport) -> CompileReport:
    more = len(report.faults) - MAX_REPORTED_FAULTS
    if more <= 0:
        return report
    last = report.faults[MAX_REPORTED_FAULTS - 1]
    hint = "`tocsin check` shows them all."
    rest = Fault(last.file, 0, 0, f"{more} more mistakes are not listed here", hint, code="T009")
    return replace(report, faults=(*report.faults[:MAX_REPORTED_FAULTS], rest))
