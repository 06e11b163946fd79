"""Runs tests in children of a process that has imported the libraries once.

It runs in a copy of the repository: `python -m mutants.trial_server`. Each line of its input is a
`Trial` as JSON, each line of its output the `Ending` of that. Importing the libraries takes three
times as long as most tests; a child of a fork has them. Our own modules are imported by each child.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Generator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from mutants.compiled_mutant import KernelMutant, compile_only

RESULT = Path(".mutants/result.json")
LOG = Path(".mutants/output.txt")
MOST_MEMORY = 4 << 30
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Trial:
    """Tests to run, with limits in seconds."""

    tests: list[str]
    cpu: float
    wall: float
    slowest: float
    """Tests that took longer than this when nothing was mutated are left out."""
    durations: dict[str, float]
    """Of each test, in seconds of the processor, without a mutant; quick ones are run first."""
    modules: list[str]
    """To import before the fork: what such a run imported that is not ours."""
    kernel: KernelMutant | None = None


@dataclass(frozen=True)
class Ending:
    """How the run of the tests ended."""

    outcome: str
    """`survived`, `killed` or `timed out`."""
    by: str
    """The test that failed first, or how the process ended."""
    cpu: float
    wall: float
    durations: dict[str, float]
    modules: list[str]
    """What was imported that is not ours."""


class _Recorder:
    """Orders the tests, and writes down how they went."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._durations: dict[str, float] = {}
        self._failed = ""

    def pytest_collection(self) -> None:
        from hypothesis import Phase, settings

        # Nothing is replayed or made smaller: one failure is enough.
        settings.register_profile(
            "mutants", deadline=None, database=None, phases=(Phase.explicit, Phase.generate)
        )
        settings.load_profile("mutants")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        done = yield
        known, most = self._trial.durations, self._trial.slowest
        items[:] = [item for item in items if known.get(item.nodeid, 0) <= most]
        items.sort(key=lambda item: known.get(item.nodeid, 0))
        return done

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failed = self._failed or f"import of {report.nodeid}"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        started = time.process_time()  # what else the machine does must not choose the tests
        done = yield
        self._durations[item.nodeid] = time.process_time() - started
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._failed:
            self._failed = report.nodeid

    def pytest_unconfigure(self) -> None:
        ours = {Path.cwd() / "service", Path.cwd() / "tests"}
        modules = [
            name
            for name, module in list(sys.modules.items())
            if (file := getattr(module, "__file__", None))
            and not ours & set(Path(file).parents)
            and not name.startswith(("_pytest", "pytest", "_hypothesis", "xdist", "mutants"))
            and name not in ("conftest", "__main__")
        ]
        result = {"failed": self._failed, "durations": self._durations, "modules": modules}
        RESULT.write_text(json.dumps(result))


def _run(trial: Trial) -> int:
    """The exit code of pytest in this process."""
    if trial.kernel:
        compile_only(trial.kernel)
    arguments = [
        *trial.tests, "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist",
        "-o", "timeout=300", "--basetemp=.mutants/tmp", "--hypothesis-seed=0",
        # Plugins are imported already, and so is what tests draw from.
        "-W", "ignore::pytest.PytestAssertRewriteWarning",
        "-W", "ignore::hypothesis.errors.HypothesisSideeffectWarning",
    ]  # fmt: skip
    return int(pytest.main(arguments, plugins=[_Recorder(trial)]))


def _child(trial: Trial) -> None:
    os.setpgid(0, 0)
    sys.dont_write_bytecode = trial.durations != {}  # else: there is no mutant, and files are kept
    with LOG.open("w") as log:
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)
    soft = int(trial.cpu) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    code = 70
    try:
        code = _run(trial)
    except BaseException:  # noqa: BLE001 - nothing of the parent may be run here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ending(trial: Trial) -> Ending:
    RESULT.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _child(trial)
    started = time.monotonic()
    status, usage, late = 0, None, False
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        if not late and time.monotonic() - started > trial.wall:
            late = True
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    _end_orphans()
    cpu, wall = usage.ru_utime + usage.ru_stime, time.monotonic() - started
    found: dict[str, Any] = {"failed": "", "durations": {}, "modules": []}
    with suppress(OSError, ValueError):
        found = json.loads(RESULT.read_text())
    if late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        outcome, by = "timed out", "the limit"
    elif os.WIFSIGNALED(status):
        outcome, by = "killed", signal.Signals(os.WTERMSIG(status)).name
    elif os.WEXITSTATUS(status) == 0:
        outcome, by = "survived", ""
    else:
        outcome, by = "killed", found["failed"] or f"exit code {os.WEXITSTATUS(status)}"
    return Ending(outcome, by, cpu, wall, found["durations"], found["modules"])


def _end_orphans() -> None:
    """Ends what a child that was killed has started: it is a child of this process now."""
    for _ in range(100):
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        numbers = children.read_text().split() if children.exists() else []
        if not numbers:
            return
        for number in map(int, numbers):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(number, 0)


def _preload(modules: list[str]) -> None:
    for name in modules:
        if name not in sys.modules:
            with suppress(Exception):
                __import__(name)


def main() -> None:
    """Answers one trial after the other."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    RESULT.parent.mkdir(exist_ok=True)
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        asked = json.loads(line)
        kernel = asked.pop("kernel")
        trial = Trial(**asked, kernel=KernelMutant(**kernel) if kernel else None)
        _preload(trial.modules)
        ending = _ending(trial)
        print(json.dumps(asdict(ending)), file=answers, flush=True)


if __name__ == "__main__":
    main()
