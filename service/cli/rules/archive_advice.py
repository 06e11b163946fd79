"""What past articles say of rules, for `tocsin check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from service.archive.clauses.advice import ArchiveAdvice
from service.cli.archive.kept_articles import kept_articles, progress_bar
from service.cli.input.context import Context, wait_for
from service.cli.output.terminal import console
from service.concurrency.processes import usable_cores
from service.rules.lint.advice import Advice
from service.rules.rules import Rules


class PastArticles:
    """The articles that the streams keep, or those of files."""

    def __init__(self, here: Context, files: Sequence[str]) -> None:
        self._here = here
        self._files = files

    def __call__(self, rules: Rules, texts: Mapping[str, str]) -> list[Advice]:
        """Advice on rules without mistakes; where there are some, nothing can be said of them."""
        if rules.faults:
            _say("no past articles looked at: correct the errors first")
            return []
        return wait_for(self._advice(rules, texts))

    async def _advice(self, rules: Rules, texts: Mapping[str, str]) -> list[Advice]:
        cores, streams = usable_cores(), self._here.settings.stream.streams
        with progress_bar() as progress, ThreadPoolExecutor(cores) as threads:
            async with kept_articles(self._here.settings, self._files, streams, progress) as found:
                segments = [each for one in found for each in one.segments]
                by_archive = ArchiveAdvice(rules, segments, threads, cores)
                advice = by_archive.advice(texts)
        _say(f"{by_archive.articles:,} past articles looked at")
        return advice


def _say(said: str) -> None:
    console(error=True).print(said, style="dim", soft_wrap=True)
