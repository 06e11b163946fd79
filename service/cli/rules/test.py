"""`tocsin test`: the watchlists' own tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from service.articles.article import Article
from service.articles.files.entries import MAX_FILE_BYTES, UnreadableError
from service.cli.input.context import Context, context
from service.cli.input.files import named
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.rules import Paths, load_rules
from service.cli.output.terminal import console
from service.cli.rules.url_articles import UrlArticles, kept_file
from service.cli.rules.watch import WatchedPaths, show_screen
from service.errors import ConfigError, TocsinError
from service.matching.evaluation.judge import Judgement, Verdict
from service.rules.checks.coverage import coverage as find_coverage
from service.rules.checks.coverage import share_tried
from service.rules.checks.explanation import reasons
from service.rules.checks.own_tests import CheckResult, Samples, run_checks
from service.rules.live.folder import folder_of, read_inside
from service.views.rules.junit import junit_xml

app = typer.Typer(add_completion=False)


@app.command("test", epilog="Example: tocsin test rules/defence.yaml --junit tests.xml")
def run_tests(
    paths: Paths = None,
    *,
    junit: Annotated[
        Path | None, typer.Option(help="A file to write the results to, as JUnit XML.")
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=100,
            metavar="PERCENT",
            help="Show the clauses, exceptions and boosts that hold in no test; fail below this.",
        ),
    ] = None,
    articles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Where articles are that tests name by a URL; may be repeated; default: the "
            "streams.",
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Write these articles beside the rules, so that they last."),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Run again when rules or articles change, until Ctrl-C."),
    ] = False,
) -> None:
    """Run the watchlists' own tests."""
    here = context(quiet=True)
    urls = UrlArticles(here.settings, [named(name) for name in articles or ()], keep=keep)
    tests = _Tests(here, paths, urls, junit, coverage)
    if watch:
        _watch(tests)
    elif not tests.run(console()):
        raise typer.Exit(1)


def _watch(tests: _Tests) -> None:
    """Run them whenever a file changes; Ctrl-C ends it."""
    out = console()
    for path in tests.paths or [tests.here.settings.match.rules]:
        tests.watched.note(path)
    while True:
        with out.capture() as told:
            try:
                tests.run(out)
            except TocsinError as error:
                out.print(str(error), style="red", soft_wrap=True)
            out.print(
                f"{datetime.now(UTC).astimezone():%H:%M:%S}, until a file changes or Ctrl-C",
                style="dim",
            )
        show_screen(out, told.get())
        tests.watched.wait()


@dataclass(slots=True)
class _Tests:
    """The tests of some rules files; they may run again."""

    here: Context
    paths: list[Path] | None
    urls: UrlArticles
    junit: Path | None
    coverage: float | None
    watched: WatchedPaths = field(default_factory=WatchedPaths)

    def run(self, out: Console) -> bool:
        """Whether all hold, the rules have no faults, and enough of them is tried."""
        rules = load_rules(self.here, self.paths, None)
        for fault in rules.faults:
            out.print(str(fault), soft_wrap=True)
        with LimitedFiles() as reader:
            results = list(run_checks(rules, self._samples(reader)))
        failed = [each for each in results if not each.passed]
        for each in failed:
            _show(each, out)
        self._tell_kept(out)
        passed = len(results) - len(failed)
        out.print(f"{passed} passed, {len(failed)} failed", style="red" if failed else "green")
        if self.junit is not None:
            _write(self.junit, junit_xml(results, _lines))
        too_little = self.coverage is not None and not _show_coverage(results, self.coverage, out)
        return not (failed or rules.faults or too_little)

    def _samples(self, reader: LimitedFiles) -> Samples:
        roots = sample_roots(self.here.settings.match.rules, self.paths)

        def read(path: Path) -> bytes:
            self.watched.note(path)
            return _read(roots, path)

        def article_at(url: str, rules_file: Path) -> Article:
            self.watched.note(kept_file(rules_file, url))
            return self.urls.find(url, rules_file, read, reader)

        return Samples(read, reader.articles, article_at, self.urls.max_bytes)

    def _tell_kept(self, out: Console) -> None:
        for file in self.urls.kept:
            out.print(f"{file}: written", style="dim", soft_wrap=True)
        self.urls.kept.clear()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error


def _show_coverage(results: Sequence[CheckResult], least: float, out: Console) -> bool:
    """What no test tries; whether at least so many percent are tried."""
    found = find_coverage(results)
    for id_, each in found.items():
        for name in each.untried:
            out.print(f"{id_}: in no test: {name}", style="yellow", soft_wrap=True)
    share = share_tried(found.values())
    enough = share >= least
    style = "green" if enough else "red"
    out.print(f"{share:.0f} % of clauses, exceptions and boosts in a test", style=style)
    return enough


def sample_roots(rules: Path, paths: Sequence[Path] | None) -> list[Path]:
    """The folders that samples may be in: for what is in the rules folder, all of that.

    So a file has the same samples whether it is tested alone or with the others.
    """
    whole = folder_of(rules)
    inside = [path for path in paths or [rules] if path.resolve().is_relative_to(whole.resolve())]
    others = [folder_of(path) for path in paths or [] if path not in inside]
    return [*([whole] if inside else []), *others]


def _read(roots: Sequence[Path], path: Path) -> bytes:
    """A sample of the rules. Raises UnreadableError for a file that is not theirs."""
    try:
        return read_inside(path, roots, MAX_FILE_BYTES)
    except ConfigError as error:
        raise UnreadableError(str(error)) from error


def _show(result: CheckResult, out: Console) -> None:
    where = f"{result.watchlist.file}:{result.check.line}"
    expected = "match" if result.check.matches else "not match"
    if result.unmet:
        expected += " otherwise"
    out.print(f"{where}: {result.watchlist.id} should {expected}", style="red", soft_wrap=True)
    for line in _lines(result):
        out.print(f"    {line}", soft_wrap=True)


def _lines(result: CheckResult) -> list[str]:
    """Why a test failed."""
    if result.judgement is None:
        return [result.error]
    return list(result.unmet) if result.has_verdict else _why(result.judgement)


def _why(judgement: Judgement) -> list[str]:
    match judgement.verdict:
        case Verdict.MISSED:
            return reasons(judgement)
        case Verdict.EXCEPTED:
            return [f"the exception {name} holds" for name in judgement.exceptions]
        case Verdict.BELOW | Verdict.MATCHED:
            score = judgement.score.value if judgement.score else 0
            return [f"it holds and scores {score:g}, threshold {judgement.query.threshold:g}"]
