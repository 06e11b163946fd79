"""A count of those that joined a story."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Count:
    """How many joined, of how many."""

    joined: int = 0
    all: int = 0

    def add(self, joined: bool) -> None:
        """Count one."""
        self.joined += joined
        self.all += 1

    @property
    def share(self) -> float:
        """Of all, that which joined."""
        return self.joined / self.all if self.all else 1.0

    def cell(self) -> str:
        """The share as it is printed; empty where there is none."""
        return f"{self.share:.1%}" if self.all else ""
