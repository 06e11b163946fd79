"""What is wrong with rules files, and what may be meant otherwise than it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.errors import Fault
from service.rules.lint.advice import Advice


@dataclass(frozen=True, slots=True)
class FaultView:
    """One mistake in a rules file."""

    file: str
    line: int
    """From 1; 0 where the mistake has no place."""
    column: int
    message: str
    hint: str
    """What to write instead."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is found in rules files."""

    faults: tuple[FaultView, ...]
    advice: tuple[Advice, ...]


def findings(faults: Iterable[Fault], advice: Iterable[Advice]) -> Findings:
    """The faults and the advice on one set of rules."""
    views = (FaultView(one.file, one.line, one.column, one.message, one.hint) for one in faults)
    return Findings(tuple(views), tuple(advice))
