"""`tocsin test`: the watchlists' own tests."""

from __future__ import annotations

import typer

from service.cli.context import context
from service.cli.rules import Paths, load_rules
from service.explanation import reasons
from service.matching.judgement import Judgement, Verdict
from service.terminal import console
from service.trial import run_checks

app = typer.Typer(add_completion=False)


@app.command("test", epilog="Example: tocsin test rules/defence.yaml")
def run_tests(paths: Paths = None) -> None:
    """Run the watchlists' own tests."""
    here = context(quiet=True)
    rules = load_rules(here, paths, None)
    out = console()
    for fault in rules.faults:
        out.print(str(fault), soft_wrap=True)
    passed = failed = 0
    for tried in run_checks(rules, max_bytes=here.settings.stream.max_article_bytes):
        if tried.passed:
            passed += 1
            continue
        failed += 1
        where = f"{tried.watchlist.file}:{tried.check.line}"
        wanted = "match" if tried.check.matches else "not match"
        out.print(f"{where}: {tried.watchlist.id} should {wanted}", style="red", soft_wrap=True)
        for line in [tried.error] if tried.judgement is None else _why(tried.judgement):
            out.print(f"    {line}", soft_wrap=True)
    out.print(f"{passed} passed, {failed} failed", style="red" if failed else "green")
    if failed or rules.faults:
        raise typer.Exit(1)


def _why(judgement: Judgement) -> list[str]:
    match judgement.verdict:
        case Verdict.MISSED:
            return reasons(judgement)
        case Verdict.EXCEPTED:
            return [f"the exception {name} holds" for name in judgement.exceptions]
        case Verdict.BELOW | Verdict.MATCHED:
            score = judgement.score.value if judgement.score else 0
            return [f"it holds and scores {score:g}, threshold {judgement.query.threshold:g}"]
