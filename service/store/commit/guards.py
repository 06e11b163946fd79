"""What a batch rests on, as `commit.lua` checks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.store.stories.version import Guard


def guard_table(guard: Guard) -> dict[str, Any]:
    """A guard; what is usual is left out: its name is that of the key, and nothing was there."""
    table: dict[str, Any] = {"read": guard.read}
    if any(guard.found):
        table["found"] = guard.found
    if guard.name != guard.read[1]:
        table["name"] = guard.name
    return table


def last_uses(entries: Sequence[Sequence[Guard]]) -> dict[str, int]:
    """By the name of each guard the number of the last entry that has it."""
    return {guard.name: number for number, guards in enumerate(entries) for guard in guards}
