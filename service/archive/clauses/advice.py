"""Advice on watchlists by past articles: which are double, and what of them nothing ever needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import NamedTuple

from service.archive.clauses.counts import count_articles
from service.archive.clauses.overlap import Cover, Overlap
from service.archive.clauses.parts import MOST_PARTS, PartKind, PartlessQuery, partless_queries
from service.archive.kept.segment import SegmentFile
from service.matching.engine.layers import only_engine
from service.matching.query import Query
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import AnyOf, Node, Or, children
from service.rules.lint.advice import Advice, Located, located_advice
from service.rules.lint.remark import Remark
from service.rules.lint.source import RulesSource
from service.rules.lint.twins import find_twins
from service.rules.rules import Rules, Watchlist

LEAST_ARTICLES = 5
"""That a watchlist must find: what fewer do not need may be chance."""
MOST_ITEMS = 8
"""Of a list, that a message names."""
_UNNEEDED: Mapping[PartKind, tuple[str, str]] = {
    "clause": ("T523", "without “{part}” it finds the same"),
    "distance": ("T523", "with “{change}” in place of “{part}” it finds the same"),
    "alternative": ("T524", "without the alternative “{part}” it finds the same"),
    "exception": ("T525", "except {part}: this exception keeps nothing out"),
}


class _Judged(NamedTuple):
    """A watchlist that finds enough articles, and how many."""

    watchlist: Watchlist
    articles: int


class ArchiveAdvice:
    """Advice on a set of rules; `files` are those of the archive, in order."""

    def __init__(
        self, rules: Rules, files: Sequence[SegmentFile], threads: ThreadPoolExecutor, cores: int
    ) -> None:
        self._rules = rules
        self._files = files
        self._threads = threads
        self._cores = cores
        self._overlap = Overlap(only_engine(rules.engine))

    @property
    def articles(self) -> int:
        """Those that were looked at."""
        return self._overlap.articles

    def advice(self, texts: Mapping[str, str]) -> list[Advice]:
        """What the archive says of the rules; `texts` (name → text) are their files."""
        source = RulesSource(texts)
        for file in self._files:
            self._overlap.read(file.load())
        every = self._rules.watchlists
        judged = [
            _Judged(every.at(number), articles)
            for number, articles in sorted(self._overlap.found.items())
            if articles >= LEAST_ARTICLES
        ]
        found = chain(self._covers(), self._unneeded(judged), self._idle_lists(judged))
        return sorted(located_advice(watchlist, one, source) for watchlist, one in found)

    def _covers(self) -> Iterator[tuple[Watchlist, Located]]:
        first = {twin.watchlist.id: twin.other.id for twin in find_twins(self._rules)}
        for cover in self._overlap.covers(LEAST_ARTICLES):
            watchlist = self._rules.watchlists.at(cover.watchlist)
            other = self._rules.watchlists.at(cover.by)
            if first.get(watchlist.id, watchlist.id) == first.get(other.id, other.id):
                continue  # it is told without past articles
            if remark := self._remark(cover, watchlist, other):
                yield watchlist, Located(remark, ((watchlist.id, "match"),))

    def _remark(self, cover: Cover, watchlist: Watchlist, other: Watchlist) -> Remark | None:
        if cover.is_equal:
            message = (
                f"it finds the same {cover.articles:,} articles as {other.id}{self._looked_at}"
            )
            return Remark("T521", message)
        twice = set(watchlist.notify) & set(other.notify)
        if not twice or watchlist.severity != other.severity:
            return None
        message = (
            f"all {cover.articles:,} articles that it finds, {other.id} finds, too"
            f"{self._looked_at}: {min(twice)} is sent each twice"
        )
        return Remark("T522", message)

    def _unneeded(self, judged: Sequence[_Judged]) -> Iterator[tuple[Watchlist, Located]]:
        counted = self._count(each.query for _, each in self._parts(judged))
        for (one, each), count in zip(self._parts(judged), counted, strict=True):
            watchlist, articles = one
            if count != articles:
                continue
            code, words = _UNNEEDED[each.kind]
            message = words.format(part=each.part, change=each.change)
            remark = Remark(code, f"{message}: {articles:,} articles{self._looked_at}", each.part)
            path = ("except", each.part) if each.kind == "exception" else ("match",)
            yield watchlist, Located(remark, ((watchlist.id, *path),))

    def _parts(self, judged: Sequence[_Judged]) -> Iterator[tuple[_Judged, PartlessQuery]]:
        for one in judged:
            for each in islice(partless_queries(one.watchlist.query), MOST_PARTS):
                yield one, each

    def _idle_lists(self, judged: Sequence[_Judged]) -> Iterator[tuple[Watchlist, Located]]:
        lists: dict[str, tuple[Watchlist, Or | AnyOf]] = {}
        for watchlist, _ in judged:
            for node in _lists_in(watchlist.query):
                lists.setdefault(node.name, (watchlist, node))
        counted = self._count(
            Query(name, item, watchlist.query.language)
            for name, (watchlist, node) in lists.items()
            for item in node.children
        )
        for name, (watchlist, node) in lists.items():
            counts = [*islice(counted, len(node.children))]
            idle = [unparse(item) for item, n in zip(node.children, counts, strict=True) if not n]
            if not idle:
                continue
            are = "is" if len(idle) == 1 else "are"
            message = f"of {len(counts)} items {len(idle)} {are} in no article{self._looked_at}: "
            message += ", ".join(idle[:MOST_ITEMS]) + ", …" * (len(idle) > MOST_ITEMS)
            located = Located(Remark("T526", message, idle[0]), (("lists", name),), f"${name}: ")
            yield watchlist, located

    def _count(self, queries: Iterator[Query]) -> Iterator[int]:
        return count_articles(queries, self._files, self._threads, self._cores)

    @property
    def _looked_at(self) -> str:
        return f" (of {self.articles:,} looked at)"


def _lists_in(query: Query) -> Iterator[Or | AnyOf]:
    for node in (query.node, *(each.node for each in query.exceptions)):
        yield from _lists_below(node)


def _lists_below(node: Node) -> Iterator[Or | AnyOf]:
    if isinstance(node, Or | AnyOf) and node.name:
        yield node
    for child in children(node):
        yield from _lists_below(child)
