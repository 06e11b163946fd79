"""`tocsin test`: the watchlists' own tests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer
from rich.console import Console

from service.alerts.explanation import reasons
from service.articles.files.entries import MAX_FILE_BYTES, UnreadableError
from service.cli.input.context import context
from service.cli.input.limited_files import LimitedFiles
from service.cli.input.rules import Paths, load_rules
from service.cli.output.terminal import console
from service.errors import ConfigError
from service.matching.evaluation.judge import Judgement, Verdict
from service.rules.checks import CheckResult, run_checks
from service.rules.live.folder import folder_of, read_inside

app = typer.Typer(add_completion=False)


@app.command("test", epilog="Example: tocsin test rules/defence.yaml")
def run_tests(paths: Paths = None) -> None:
    """Run the watchlists' own tests."""
    here = context(quiet=True)
    rules = load_rules(here, paths, None)
    out = console()
    for fault in rules.faults:
        out.print(str(fault), soft_wrap=True)
    roots = sample_roots(here.settings.match.rules, paths)
    read = partial(_read, roots)
    passed = failed = 0
    most = here.settings.stream.max_article_bytes
    with LimitedFiles() as reader:
        for result in run_checks(rules, read=read, articles_in=reader.articles, max_bytes=most):
            if result.passed:
                passed += 1
                continue
            failed += 1
            _show(result, out)
    out.print(f"{passed} passed, {failed} failed", style="red" if failed else "green")
    if failed or rules.faults:
        raise typer.Exit(1)


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
    out.print(f"{where}: {result.watchlist.id} should {expected}", style="red", soft_wrap=True)
    for line in [result.error] if result.judgement is None else _why(result.judgement):
        out.print(f"    {line}", soft_wrap=True)


def _why(judgement: Judgement) -> list[str]:
    match judgement.verdict:
        case Verdict.MISSED:
            return reasons(judgement)
        case Verdict.EXCEPTED:
            return [f"the exception {name} holds" for name in judgement.exceptions]
        case Verdict.BELOW | Verdict.MATCHED:
            score = judgement.score.value if judgement.score else 0
            return [f"it holds and scores {score:g}, threshold {judgement.query.threshold:g}"]
