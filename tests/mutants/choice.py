"""Which mutants are tried: of which files, on which lines, and how many."""

from __future__ import annotations

import random
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

from mutants.lua_source import lua_mutants
from mutants.mutant import Mutant
from mutants.python_source import python_mutants
from mutants.tables import Equivalent, Scope

_MAKERS = {".py": python_mutants, ".lua": lua_mutants}


def mutants_of(path: str, root: Path) -> list[Mutant]:
    """All mutants of a file."""
    return _MAKERS[Path(path).suffix](path, (root / path).read_bytes())


def files(asked: list[str], scope: Scope, root: Path) -> list[str]:
    """The files in scope that are among these, or in these folders; all, if none is asked for."""
    tops = asked or list(scope.rooms)
    found = set()
    for top in tops:
        path = root / top
        for each in path.rglob("*") if path.is_dir() else [path]:
            name = each.relative_to(root).as_posix()
            if each.suffix in _MAKERS and scope.room_of(name):
                found.add(name)
    return sorted(found)


def changed_lines(revision: str, root: Path) -> dict[str, set[int]]:
    """The lines of each file that are not as they were at a revision, by file."""
    told = subprocess.run(
        ["git", "diff", "--unified=0", "--no-color", "--no-ext-diff", revision, "--", "service"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found: dict[str, set[int]] = defaultdict(set)
    path = ""
    for line in told.split("\n"):
        if line.startswith("+++ "):
            path = line.removeprefix("+++ b/")
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            start, length = int(hunk[1]), int(hunk[2] or 1)
            found[path].update(range(start, start + length))
    return found


def on_lines(mutants: Iterable[Mutant], lines: set[int], source: bytes) -> list[Mutant]:
    """Those that change one of these lines."""
    kept = []
    for mutant in mutants:
        first, last = mutant.lines(source)
        if lines & set(range(first, last + 1)):
            kept.append(mutant)
    return kept


def sample(mutants: list[Mutant], number: int | None, seed: int) -> list[Mutant]:
    """So many of them, by chance, of each kind in turn: else most would be of constants."""
    kinds: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        kinds[mutant.kind].append(mutant)
    chance = random.Random(seed)
    for each in kinds.values():
        chance.shuffle(each)
    rounds = zip_longest(*(kinds[kind] for kind in sorted(kinds)))
    return [mutant for one in rounds for mutant in one if mutant is not None][:number]


def equivalent(mutant: Mutant, source: bytes, known: Iterable[Equivalent]) -> Equivalent | None:
    """The entry that says why nobody can see this mutant."""
    was, now = mutant.change(source)
    for each in known:
        if (each.path, each.place, each.was, each.now) == (mutant.path, mutant.place, was, now):
            return each
    return None
