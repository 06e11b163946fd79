"""Back-tests of several streams → one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from service.alerts.alert import rfc3339
from service.archive.backtest import Backtest
from service.archive.examples import example
from service.archive.moments import from_ms
from service.archive.report.budget import Budget
from service.archive.report.report import Counts, make_report
from service.archive.report.tally import AlertRow, merged, whole_days
from service.archive.report.views import ArchiveView, Example, Report

SHOWN = 3
"""Pieces of evidence of one example."""


def summary(
    sets: Sequence[str],
    sources: Sequence[str],
    tests: Sequence[Backtest],
    *,
    only: Sequence[str] = (),
    examples: int = 3,
    budget: Budget | None = None,
) -> Report:
    """The report on the first of the sets of rules, compared with the second one if there is one.

    `sets` and `sources` are their names; there is a test for each source.
    """
    counts = [
        Counts(
            name,
            list(tests[0].runs[at].rules.watchlists),
            merged([test.runs[at].tally for test in tests]),
        )
        for at, name in enumerate(sets)
    ]
    owners = {id(row): test for test in tests for run in test.runs for row in run.tally.alerts}

    def example_of(row: AlertRow, is_gone: bool) -> Example:
        return example(owners[id(row)], row, SHOWN, is_gone=is_gone)

    return make_report(
        _archive(sources, tests),
        _days(tests),
        counts[0],
        counts[1] if len(counts) > 1 else None,
        example_of,
        examples=examples,
        budget=budget,
        only=only,
    )


def _archive(sources: Sequence[str], tests: Sequence[Backtest]) -> ArchiveView:
    covered = [test.coverage for test in tests]
    moments = [each for one in covered for each in (one.first, one.last) if each is not None]
    return ArchiveView(
        tuple(sources),
        sum(each.articles for each in covered),
        _sum(each.letters for each in covered),
        rfc3339(from_ms(min(moments))) if moments else "",
        rfc3339(from_ms(max(moments))) if moments else "",
        _sum(each.languages for each in covered),
    )


def _days(tests: Sequence[Backtest]) -> list[date]:
    covered = [test.coverage for test in tests]
    moments = [each for one in covered for each in (one.first, one.last) if each is not None]
    return whole_days([from_ms(each).date() for each in moments])


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(found.most_common())
