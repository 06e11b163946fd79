"""Everything that is found in rules files: mistakes, advice, and advice on what ignores advice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.errors import Fault
from service.rules.findings.codes import archive_codes
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


ByArchive = Callable[[Rules, Mapping[str, str]], Sequence[Advice]]
"""Advice on rules and their files by past articles."""


def review(
    files: Mapping[str, str], reader: SubscriberReader, by_archive: ByArchive | None = None
) -> Review:
    """What is found in rules files (name → text); with `by_archive`, in past articles, too."""
    rules = load(files, reader)
    advice = advise(rules, files)
    if by_archive is not None:
        advice += by_archive(rules, files)
    unasked = archive_codes() if by_archive is None else frozenset[str]()
    left = suppress(advice, files, all_good=not rules.faults, unasked=unasked)
    return Review(rules, tuple(left))
