"""The data files beside this module: the rewrites, who can see what, and the equivalents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent


def rewrites(language: str) -> dict[str, Any]:
    """The rewrites of `python` or `lua`."""
    found: dict[str, Any] = _read("rewrites")[language]
    return found


@dataclass(frozen=True)
class Scope:
    """The parts of the service that are mutated, and the tests that can see each."""

    rooms: dict[str, list[list[str]]]
    """For each room the steps: tests that are run together if no step before sees a mutant."""

    def room_of(self, path: str) -> str | None:
        """The longest key that a file is in or is; None: it is out of scope."""
        inside = [room for room in self.rooms if path == room or path.startswith(f"{room}/")]
        return max(inside, key=len, default=None)


def scope() -> Scope:
    """What `reach.yaml` says."""
    return Scope({room: [step.split() for step in steps] for room, steps in _read("reach").items()})


@dataclass(frozen=True)
class Equivalent:
    """A mutant that no test can see, by its text instead of its line."""

    path: str
    place: str
    was: str
    now: str
    reason: str


def equivalents() -> list[Equivalent]:
    """What `equivalents.yaml` says."""
    found = []
    for path, entries in (_read("equivalents") or {}).items():
        for entry in entries:
            change = (_text(entry["was"]), _text(entry["now"]))
            found.append(Equivalent(path, entry.get("in", ""), *change, entry["reason"]))
    return found


def _read(name: str) -> Any:
    return yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))


def _text(lines: str) -> str:
    return "\n".join(line.strip() for line in lines.strip().split("\n"))
