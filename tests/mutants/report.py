"""What is printed about mutants: each survivor, and a table of the rooms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from mutants.mutant import Mutant

OUTCOMES = ("killed", "timed out", "survived", "equivalent")


def described(mutant: Mutant, source: bytes) -> str:
    """Where a mutant is, and its change as a diff."""
    was, now = mutant.change(source)
    lines = [
        f"{mutant.path}:{mutant.lines(source)[0]}: {mutant.kind}, in {mutant.place or 'module'}"
    ]
    lines += [f"  - {line}" for line in was.split("\n")]
    lines += [f"  + {line}" for line in now.split("\n")]
    return "\n".join(lines)


def table(outcomes: Iterable[tuple[str, str]]) -> str:
    """Rows of rooms with the number of each outcome, and the share that was seen."""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for room, outcome in outcomes:
        rooms[room][outcome] += 1
        rooms["all"][outcome] += 1
    width = max(map(len, rooms), default=0)
    rows = [f"{'':{width}}  " + "  ".join(f"{name:>10}" for name in OUTCOMES) + "   seen"]
    for room in sorted(rooms, key=lambda name: (name == "all", name)):
        found = rooms[room]
        tried = found["killed"] + found["timed out"] + found["survived"]
        seen = f"{(tried - found['survived']) / tried:6.0%}" if tried else "     –"
        rows.append(
            f"{room:{width}}  " + "  ".join(f"{found[name]:>10}" for name in OUTCOMES) + seen
        )
    return "\n".join(rows)
