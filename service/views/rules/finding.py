"""What is wrong with rules files, and what may be meant otherwise than it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.errors import Fault, Fix
from service.rules.lint.advice import Advice


@dataclass(frozen=True, slots=True)
class FixView:
    """What to write in place of what stands at a finding's place."""

    old: str
    new: str


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
    code: str
    """docs/lint.md lists them."""
    fix: FixView | None


@dataclass(frozen=True, slots=True)
class AdviceView:
    """Something worth a second look."""

    file: str
    line: int
    """From 1, as is the column."""
    column: int
    message: str
    code: str
    fix: FixView | None


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is found in rules files."""

    faults: tuple[FaultView, ...]
    advice: tuple[AdviceView, ...]


def findings(faults: Iterable[Fault], advice: Iterable[Advice]) -> Findings:
    """The faults and the advice on one set of rules."""
    return Findings(
        tuple(
            FaultView(
                one.file, one.line, one.column, one.message, one.hint, one.code, _fix(one.fix)
            )
            for one in faults
        ),
        tuple(
            AdviceView(one.file, one.line, one.column, one.message, one.code, _fix(one.fix))
            for one in advice
        ),
    )


def _fix(fix: Fix | None) -> FixView | None:
    return FixView(fix.old, fix.new) if fix else None
