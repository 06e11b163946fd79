"""Whole pages as a browser copies them, in the proportions of real ones: menus, tickers, lists and
footers of 100 to 300 lines around an article.

A page is made of an article (`tests/data/pages/<name>.json`), of what papers in its language print
around it (`tests/data/frames/<language>.txt`), and of a layout (`tests/data/layouts.txt`).

`later_pages` are of articles, frames and layouts that were written when the rules had been made: a
file of `tests/data/later/` has an article and its frame. Those of `SECOND` and `THIRD` are by
another author, who had not read the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "tests" / "data"
LATER, SECOND, THIRD = (DATA / name for name in ("later", "second", "third"))
PAGES_A_LANGUAGE = 4
LAYOUTS_A_LATER_ARTICLE = 3
ENGLISH_PAGES = 22


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands on a page, from top to bottom."""

    name: str
    steps: tuple[str, ...]
    is_held_out: bool


@dataclass(slots=True)
class CopiedPage:
    """A page as copied, and what a careful reader takes from it."""

    name: str
    language: str
    layout: Layout
    title: str
    article: tuple[str, ...]
    """Its paragraphs, the standfirst first where the layout shows one."""
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All lines, a blank one between paragraphs."""
        return "\n".join(self.lines)

    @property
    def around(self) -> list[str]:
        """The lines that are no part of the article."""
        own = {self.title, *self.article}
        return [line for line in self.lines if line not in own]


@cache
def layouts(folder: Path = DATA) -> tuple[Layout, ...]:
    """All layouts, in the order of the file."""
    found = []
    for line in (folder / "layouts.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, steps = line.lstrip("* ").partition(": ")
            found.append(Layout(name, tuple(steps.split(" ")), line.startswith("*")))
    return tuple(found)


Frame = dict[str, list[str]]
Said = dict[str, Any]
"""What is on a page, as its JSON has it."""


@cache
def frame(path: Path) -> Frame:
    """What papers in a language print around an article, by its kind."""
    found: Frame = {}
    kind = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
            found[kind] = []
        else:
            found[kind].append(line)
    return found


def pages() -> list[CopiedPage]:
    """All pages: some of each language, each in layouts of its own."""
    names: dict[str, list[str]] = {}
    for path in sorted((DATA / "pages").glob("*.json")):
        names.setdefault(path.stem[:2], []).append(path.stem)
    found = []
    shift = 0
    for language in sorted(names):
        number = ENGLISH_PAGES if language == "en" else PAGES_A_LANGUAGE
        for at in range(number):
            name = names[language][at % len(names[language])]
            found.append(page(name, layouts()[(shift + at) % len(layouts())], number=at))
        shift += number
    return found


def page(name: str, layout: Layout, *, number: int = 0) -> CopiedPage:
    """The article of this name in this layout; `number` varies what stands around it."""
    said = json.loads((DATA / "pages" / f"{name}.json").read_text(encoding="utf-8"))
    around = frame(DATA / "frames" / f"{said['language']}.txt")
    return _Writer(name, said, around, layout, number).page


def later_pages(folder: Path = LATER) -> list[CopiedPage]:
    """The pages of a folder that was written later, each article in layouts of its own."""
    every = layouts(folder)
    articles = [path for path in sorted(folder.glob("*.txt")) if path.stem != "layouts"]
    return [
        _later_page(path, every[number % len(every)], number)
        for at, path in enumerate(articles)
        for number in range(at * LAYOUTS_A_LATER_ARTICLE, (at + 1) * LAYOUTS_A_LATER_ARTICLE)
    ]


def _later_page(path: Path, layout: Layout, number: int) -> CopiedPage:
    own = frame(path)
    said: Said = {
        "language": path.stem[:2],
        "title": own["title"][0],
        "lead": own["lead"][0],
        "author": own["author"][0],
        "text": own["text"],
    }
    return _Writer(path.stem, said, own, layout, number).page


class _Writer:
    """Writes a page, step by step."""

    def __init__(self, name: str, said: Said, around: Frame, layout: Layout, number: int) -> None:
        self._said = said
        self._frame = around
        self._number = number
        self._at = number * 5
        self._left: list[str] = list(said["text"])
        self._lead = said.get("lead") or ""
        shows_lead = "lead" in layout.steps
        if self._lead and self._left[0] == self._lead:
            self._left = self._left[1:]
        article = ([self._lead] if self._lead and shows_lead else []) + self._left
        self.page = CopiedPage(
            f"{name}, {layout.name}", said["language"], layout, said["title"], tuple(article)
        )
        for step in layout.steps:
            kind, _, argument = step.partition(":")
            self.page.lines += self._written(kind, argument)

    def _written(self, kind: str, argument: str) -> list[str]:
        known: dict[str, Callable[[str], list[str]]] = {
            "menu": lambda some: self._frame["menu"][: int(some or 1_000)],
            "footer": lambda some: self._frame["footer"][: int(some or 1_000)],
            "headlines": lambda some: self._next("headlines", int(some)),
            "teasers": lambda some: [*self._teasers(int(some))],
            "more": lambda some: [*self._frame["more"], *self._teasers(int(some))],
            "box": lambda some: [*self._frame["also-heading"], *self._next("headlines", int(some))],
            "related": lambda some: [*self._frame["related"], *self._next("headlines", int(some))],
            "most": lambda some: [*self._frame["most"], *self._numbered(int(some))],
            "latest": lambda some: [*self._frame["latest"], *self._timed(int(some))],
            "text": self._text,
            "title": lambda _: [self._said["title"]],
            "lead": lambda _: [self._lead] if self._lead else [],
            "crumb": lambda _: [" > ".join(self._frame["menu"][:3])],
            "crumb-title": lambda _: [*self._frame["menu"][:2], self._said["title"]],
            "kicker": lambda _: [self._frame["menu"][6]],
            "section": lambda _: [self._frame["menu"][1]],
            "by": lambda _: [self._filled("by")],
            "by-long": lambda _: [self._filled("by"), self._filled("note")],
            "date": lambda _: [self._filled("date")],
            "note": lambda _: [self._filled("note")],
            "also": lambda _: self._next("also", 1),
            "caption": lambda _: self._next("caption", 1),
            "comments": lambda _: [*self._frame["comments"], *self._frame["comment"]],
            "comments-count": lambda _: self._frame["comments"][:1],
            "next": lambda _: [*self._next("headlines", 1), "←", "→", *self._next("headlines", 1)],
            "points": lambda _: [],
            "quote": lambda _: [*self._quote()],
            "archive": lambda _: [f"{month} 2026" for month in self._months()[:8]],
            "top": lambda _: [],
        }
        if kind in known:
            return known[kind](argument)
        return list(self._frame.get(kind, ()))

    def _text(self, some: str) -> list[str]:
        number = int(some or 1_000)
        taken, self._left = self._left[:number], self._left[number:]
        return taken

    def _next(self, kind: str, number: int) -> list[str]:
        """The next of a list that is read in a circle."""
        lines = self._frame[kind]
        self._at += number
        return [lines[(self._at + each) % len(lines)] for each in range(number)]

    def _teasers(self, number: int) -> Iterator[str]:
        for at, headline in enumerate(self._next("headlines", number)):
            yield headline
            yield self._frame["teasers"][(self._at + at) % len(self._frame["teasers"])]

    def _numbered(self, number: int) -> list[str]:
        headlines = self._next("headlines", number)
        return [each for at, line in enumerate(headlines, 1) for each in (str(at), line)]

    def _timed(self, number: int) -> list[str]:
        headlines = self._next("headlines", number)
        return [each for at, line in enumerate(headlines) for each in (f"1{at % 10}:05", line)]

    def _quote(self) -> Iterator[str]:
        quoted = [line for line in self._said["text"] if line.startswith(("“", "«", "„"))]
        if quoted:
            yield quoted[0][:60].rsplit(" ", 1)[0] + "…"

    def _months(self) -> Sequence[str]:
        return self._frame["months"][0].split()

    def _filled(self, kind: str) -> str:
        forms = self._frame[kind]
        return forms[self._number % len(forms)].format(
            author=self._said["author"].split(",")[0] or "Mira Tolland",
            day=2 + self._number,
            num=f"{1 + self._number % 12:02}",
            month=self._months()[self._number % 12],
            year=2026,
            time="09:15",
        )
