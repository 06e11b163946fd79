"""Everything that is found in rules files: mistakes, advice, and advice on what ignores advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import Fault
from service.rules.findings.suppression import suppress
from service.rules.lint.advice import Advice, advise
from service.rules.rules import Rules, load
from service.rules.subscribers.subscriber import SubscriberReader


@dataclass(frozen=True, slots=True)
class Review:
    """Rules, and what is found in their files."""

    rules: Rules
    advice: tuple[Advice, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The mistakes."""
        return self.rules.faults

    @property
    def findings(self) -> tuple[Fault | Advice, ...]:
        """Mistakes and advice."""
        return (*self.faults, *self.advice)


def review(files: Mapping[str, str], reader: SubscriberReader) -> Review:
    """What is found in rules files (name → text)."""
    rules = load(files, reader)
    return Review(rules, tuple(suppress(advise(rules, files), files, all_good=not rules.faults)))
