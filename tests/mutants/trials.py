"""Tries mutants in copies of the repository, several at once."""

from __future__ import annotations

import json
import math
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mutants.compiled_mutant import KernelMutant, modules_with
from mutants.mutant import Mutant
from mutants.tables import Scope
from mutants.trial_server import LOG, Ending, Trial
from service.matching.kernel_files import kernel_sources, source_stamp

SLOWEST_TEST = 6.0
"""Seconds of the processor: a test that takes more is not run for each mutant."""
_COPIED = ("service", "tests", "rules", "docs", "deploy", "pyproject.toml", "README.md")
_ENOUGH = Trial([], cpu=1000, wall=2000, slowest=SLOWEST_TEST, durations={}, modules=[])


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    outcome: str
    by: str
    seconds: float
    """Of the processor."""


class BrokenTests(Exception):
    """Tests fail without any mutant: what they say of mutants means nothing."""


class Usual:
    """How tests go without a mutant, by the tests."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.endings: dict[tuple[str, ...], Ending] = {}


class Workshop:
    """A copy of the repository with a process that runs tests in it."""

    def __init__(self, root: Path, folder: Path, scope: Scope, usual: Usual) -> None:
        self._root = folder
        self._scope = scope
        self._usual = usual
        ignore = shutil.ignore_patterns("data.rdb", ".tocsin", "appendonlydir")
        for name in _COPIED:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=ignore)
            else:
                shutil.copy2(source, folder / name)
        where = os.pathsep.join([str(folder), str(folder / "tests")])
        self._server = subprocess.Popen(
            [sys.executable, "-m", "mutants.trial_server"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": where},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """Ends the process."""
        self._server.communicate()

    def verdict(self, mutant: Mutant, most_steps: int | None = None) -> Verdict:
        """Tries the tests that can see a mutant, the nearest first, in so many steps at most."""
        kernel = self._kernel(mutant)
        steps = steps_to(mutant.path, self._scope, self._root)[:most_steps]
        if kernel:  # one compilation for all of them
            steps = [[test for step in steps for test in step]]
        spent = 0.0
        for step in steps:
            usual = self._as_usual(step)
            with _mutated(self._root, mutant):
                ending = self._ask(self._trial(step, usual, kernel))
            spent += ending.cpu
            if ending.outcome != "survived":
                return Verdict(mutant, ending.outcome, ending.by, spent)
        return Verdict(mutant, "survived", "", spent)

    def _trial(self, step: list[str], before: Ending, kernel: KernelMutant | None) -> Trial:
        more = 90 if kernel else 20
        return Trial(
            step,
            cpu=before.cpu * 4 + more,
            wall=before.wall * 6 + more * 4,
            slowest=SLOWEST_TEST,
            durations=before.durations or {"": 0},
            modules=before.modules,
            kernel=kernel,
        )

    def _as_usual(self, step: list[str]) -> Ending:
        """How these tests go without a mutant; one copy finds out for all."""
        with self._usual.lock:
            known = self._usual.endings.get(tuple(step))
            if known is None:
                known = self._ask(replace(_ENOUGH, tests=step))
                if known.outcome != "survived":
                    said = (self._root / LOG).read_text(errors="replace")[-3000:]
                    raise BrokenTests(f"{said}\n{known.by}: fails without a mutant")
                self._usual.endings[tuple(step)] = known
            return known

    def _ask(self, trial: Trial) -> Ending:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(asdict(trial)) + "\n")
        self._server.stdin.flush()
        return Ending(**json.loads(self._server.stdout.readline()))

    def _kernel(self, mutant: Mutant) -> KernelMutant | None:
        sources = [each.relative_to(_HERE) for each in kernel_sources()]
        if Path(mutant.path) not in sources:
            return None
        here = [self._root / each for each in sources]
        return KernelMutant(source_stamp(), modules_with(mutant.path, here, self._root))


_HERE = Path(__file__).parents[2]


@contextmanager
def _mutated(root: Path, mutant: Mutant) -> Iterator[None]:
    path = root / mutant.path
    source, times = path.read_bytes(), path.stat()
    try:
        path.write_bytes(mutant.applied(source))
        # Python tells compiled files apart by this time, in seconds.
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 10**10))
        yield
    finally:
        path.write_bytes(source)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def steps_to(path: str, scope: Scope, root: Path) -> list[list[str]]:
    """The tests to run for a file, in steps: those with its name, and those that the room names."""
    room = scope.room_of(path)
    module = Path(path).relative_to("service").with_suffix("")
    kinds = ("integration",) if path.endswith(".lua") else ("unit", "integration")
    near = [
        test.relative_to(root).as_posix()
        for kind in kinds
        for test in sorted((root / "tests" / kind / module.parent).glob(f"test_{module.name}*.py"))
    ]
    return [step for step in ([near] + scope.rooms[room] if room else [near]) if step]


@contextmanager
def workshops(root: Path, folder: Path, number: int, scope: Scope) -> Iterator[list[Workshop]]:
    """So many copies, which are gone afterwards."""
    made: list[Workshop] = []
    usual = Usual()
    try:
        for each in range(number):
            (folder / str(each)).mkdir(parents=True)
            made.append(Workshop(root, folder / str(each), scope, usual))
        yield made
    finally:
        for workshop in made:
            workshop.close()
        shutil.rmtree(folder, ignore_errors=True)


def try_all(
    mutants: list[Mutant],
    made: list[Workshop],
    tell: Callable[[Verdict], None],
    *,
    until: float = math.inf,
    most_steps: int | None = None,
) -> None:
    """Tries mutants, in their order, until a moment of `time.monotonic`."""
    left: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    for mutant in mutants:
        left.put(mutant)
    faults: list[Exception] = []

    def work(workshop: Workshop) -> None:
        try:
            while time.monotonic() < until and not faults:
                tell(workshop.verdict(left.get_nowait(), most_steps))
        except queue.Empty:
            pass
        except Exception as fault:  # noqa: BLE001 - told by the thread that waits for this one
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(workshop,)) for workshop in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
