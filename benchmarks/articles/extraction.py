"""How much of an article, and how little else, is taken from pages: HTML, and the text copied off
them, beside that text as it is and beside trafilatura alone.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.table import Column, Table
from service.articles.article import Article, compose
from service.articles.entry import Draft
from service.articles.page.extract import from_html
from service.articles.paragraphs import line
from service.errors import BadEntry
from service.matching.words.text import words

PAGES = Path(__file__).parents[2] / "tests" / "data" / "pages"
HELD_OUT = (
    "ar-sahifa",
    "de-tageblatt",
    "en-brief",
    "en-opinion",
    "en-press-release",
    "en-regional-daily",
    "en-sports-report",
    "es-diario",
    "fr-quotidien",
    "ja-shimbun",
    "ru-gazeta",
    "tr-haber",
)
"""A third of the pages, at which nobody looks while the rules are made."""

GOALS = {"HTML": 0.96, "copied text": 0.90}
"""The least F1, over all pages."""

SHINGLE = 4
"""Words in a row, as the engine reads them: in Chinese, Japanese and Thai each character is one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A page of the test set, and what a careful reader takes from it."""

    name: str
    html: str
    text: str
    """What a browser copies when all of the page is selected."""
    language: str
    title: str
    paragraphs: tuple[str, ...]
    author: str
    published_at: str
    source: str
    url: str
    elsewhere: tuple[str, ...]
    """Headlines of other stories, which are no part of the article."""


def samples(names: Sequence[str] = ()) -> list[Sample]:
    """The pages with these names, or all."""
    found = sorted(path.stem for path in PAGES.glob("*.json"))
    return [_sample(name) for name in found if not names or name in names]


def _sample(name: str) -> Sample:
    said = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    return Sample(
        name=name,
        html=(PAGES / f"{name}.html").read_text(encoding="utf-8"),
        text=(PAGES / f"{name}.txt").read_text(encoding="utf-8"),
        language=said["language"],
        title=said["title"],
        paragraphs=tuple(said["text"]),
        author=said["author"],
        published_at=said["published_at"],
        source=said["source"],
        url=said["url"],
        elsewhere=tuple(said["not_article"]),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """How much of what was taken is right, how much of what is right was taken, and both."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score(taken: str, sample: Sample) -> Score:
    """By shingles, each counted as often as it stands there."""
    expected = shingles("\n".join([sample.title, *sample.paragraphs]))
    found = shingles(taken)
    common = (expected & found).total()
    return Score(common / max(1, found.total()), common / expected.total())


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Words in a row, each counted as often as it stands there."""
    units = words(text.casefold())
    return Counter(zip(*(units[at:] for at in range(SHINGLE)), strict=False))


def from_page(sample: Sample) -> Article | None:
    """The article as the service composes it from the HTML; None when it refuses the page."""
    try:
        return compose(Draft(html=sample.html), from_html(sample.html))
    except BadEntry:
        return None


def from_copied(sample: Sample) -> Article | None:
    """The article as the service composes it from the copied text."""
    try:
        return compose(Draft(body=sample.text))
    except BadEntry:
        return None


def text_of(article: Article | None) -> str:
    """All zones of an article, one below the other."""
    return "\n".join(text for _, text in article.zones()) if article else ""


def trafilatura_alone(sample: Sample) -> str:
    """What trafilatura gives with its own settings, its title above."""
    from trafilatura import bare_extraction  # noqa: PLC0415 (half a second)

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = bare_extraction(sample.html, include_comments=False, with_metadata=True)
    if found is None or isinstance(found, dict):
        return ""
    return f"{found.title or ''}\n{found.text or ''}"


def correct_metadata(sample: Sample, article: Article | None) -> dict[str, bool]:
    """For each thing that a page says of itself, whether the article has it as it should be."""
    if article is None:
        return dict.fromkeys(METADATA, False)
    return {
        "title": article.title == line(sample.title),
        "author": _names(article.author) == _names(sample.author),
        "published_at": article.published_at == sample.published_at,
        "source": article.source == sample.source,
        "language": article.language.split("-")[0] == sample.language,
        "url": article.url == sample.url,
    }


METADATA = ("title", "author", "published_at", "source", "language", "url")


def _names(authors: str) -> set[str]:
    return {name.strip() for name in re.split("[,;]", authors) if name.strip()}


WAYS: dict[str, Callable[[Sample], str]] = {
    "HTML": lambda sample: text_of(from_page(sample)),
    "trafilatura alone": trafilatura_alone,
    "copied text": lambda sample: text_of(from_copied(sample)),
    "the same, untouched": lambda sample: sample.text,
}
COLUMNS = (
    Column("text from", 20, left=True),
    Column("pages", 22, left=True),
    Column("precision", 9),
    Column("recall", 7),
    Column("F1", 7),
)


def _row(scores: Sequence[Score]) -> tuple[str, ...]:
    means = (
        fmean(each.precision for each in scores),
        fmean(each.recall for each in scores),
        fmean(each.f1 for each in scores),
    )
    return tuple(f"{mean:.4f}" for mean in means)


def _metadata_line(name: str, articles: Sequence[tuple[Sample, Article | None]]) -> str:
    found = [correct_metadata(*pair) for pair in articles]
    parts = (f"{field} {sum(each[field] for each in found)}" for field in METADATA)
    return f"{name}: {', '.join(parts)} of {len(found)}"


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks extraction", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="PAGE", help="only these pages")
    parser.add_argument("--pages", action="store_true", help="each page by itself, too")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.names) - {path.stem for path in PAGES.glob("*.json")}:
        parser.error(f"no page: {', '.join(sorted(unknown))}")

    every = samples(chosen.names)
    sets = {
        "all": every,
        "those tuned with": [each for each in every if each.name not in HELD_OUT],
        "those held out": [each for each in every if each.name in HELD_OUT],
    }
    table = Table(COLUMNS)
    table.head()
    missed = []
    for way, text in WAYS.items():
        scores = {each.name: score(text(each), each) for each in every}
        for name, members in sets.items():
            if members:
                row = _row([scores[each.name] for each in members])
                table.row(way, f"{name} ({len(members)})", *row)
        if chosen.pages:
            for each in every:
                table.row("", each.name, *_row([scores[each.name]]))
        if way in GOALS and fmean(each.f1 for each in scores.values()) < GOALS[way]:
            missed.append(f"{way} below {GOALS[way]}")
    if not chosen.names:
        # It compares by the shingles of this module.
        from benchmarks.articles.copied_text import report  # noqa: PLC0415

        report()
    print("\nWhat pages say of themselves, found as a careful reader would")
    for name, members in sets.items():
        if members:
            print(_metadata_line(f"HTML, {name}", [(each, from_page(each)) for each in members]))
    print(f"\nGoals: {'; '.join(missed) or 'met'}")
    return 1 if missed else 0
