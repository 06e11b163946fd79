"""What a benchmark is to reach, and whether it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound, and what was measured."""

    what: str
    bound: float
    measured: float
    most: bool = False
    """Whether the bound is the most that is allowed, instead of the least."""

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.measured <= self.bound if self.most else self.measured >= self.bound

    def line(self) -> str:
        """What is wanted, what was measured, and whether that is enough."""
        bound = f"{'≤' if self.most else '≥'} {self.bound:,.2f}"
        verdict = "met" if self.met else "MISSED"
        return f"  {self.what:<58} {bound:>10} {self.measured:>9,.2f}  {verdict}"


def told(goals: Sequence[Goal]) -> int:
    """Print the goals; 1 when one is missed."""
    if goals:
        print(f"\n  {'goal':<58} {'bound':>10} {'measured':>9}")
    for goal in goals:
        print(goal.line())
    return int(not all(goal.met for goal in goals))
