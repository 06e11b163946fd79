"""Sets of rules on the kept articles of one stream, segment after segment."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from math import inf
from typing import TypeAlias

from service.alerts.people.silence import Silence
from service.archive.heirs import Heirs
from service.archive.kept.block import Block, KeptFacts
from service.archive.kept.finder import Finder
from service.archive.kept.segment import Segment, SegmentFile, in_order
from service.archive.moments import ms_of
from service.archive.places import Place, Places
from service.archive.replay import Replay, Replayed
from service.archive.report.tally import Tally
from service.articles.article import Article
from service.matching.engine.layers import only_engine
from service.matching.evaluation.judge import Match
from service.rules.rules import Rules

MAX_EVIDENCE = 1
"""Mentions that a match shows: a decision needs none, and events hold one."""
_Found: TypeAlias = "list[Future[list[array[int]]]]"
"""For each block the numbers of the queries that hold, for each of its articles."""


@dataclass(slots=True)
class ReplayedRules:
    """A set of rules at work."""

    replay: Replay
    finder: Finder
    heirs: Heirs
    tally: Tally = field(default_factory=Tally)

    @property
    def rules(self) -> Rules:
        """The rules."""
        return self.replay.rules


@dataclass(slots=True)
class Coverage:
    """What of the archive a back-test has read."""

    articles: int = 0
    letters: dict[str, int] = field(default_factory=dict)
    """Entries that are no articles, by kind."""
    first: int | None = None
    """When the first of them was added, ms; None: there is none."""
    last: int | None = None
    languages: dict[str, int] = field(default_factory=dict)


class Backtest:
    """One stream's segments, given in order, on several sets of rules.

    What was added before `since` (ms) prepares stories and throttles, and is not counted.
    """

    def __init__(
        self,
        sets: Sequence[Rules],
        segments: Sequence[SegmentFile],
        *,
        since: int,
        window: int,
        similarity: float,
        silences: Sequence[Silence] = (),
        noted: Callable[[int, Replayed], None] = lambda _, __: None,
    ) -> None:
        """`window` (ms) and `similarity` are those of stories.

        `noted` is called with each decision and the number of its set.
        """
        self.places = Places(segments)
        replays = [
            Replay(rules, window=window, similarity=similarity, silences=silences) for rules in sets
        ]
        self.runs = [
            ReplayedRules(each, Finder(only_engine(each.rules.engine)), Heirs(each, self.places))
            for each in replays
        ]
        self.coverage = Coverage()
        self._segments = segments
        self._since = since
        self._noted = noted

    def run(self, threads: ThreadPoolExecutor) -> Iterator[int]:
        """Read every segment; yields how many entries each had."""
        for number, (segment, found) in enumerate(self._find_ahead(threads)):
            self.places.hold(number, segment)
            self._cover(segment)
            for index, (run, blocks) in enumerate(zip(self.runs, found, strict=True)):
                self._decide(index, run, segment, number, [each.result() for each in blocks])
            yield len(segment)
        for index, run in enumerate(self.runs):
            self._decide_heirs(index, run, inf)

    def _find_ahead(
        self, threads: ThreadPoolExecutor
    ) -> Iterator[tuple[Segment, Sequence[_Found]]]:
        """The segments, and what each set finds in them; the next is matched during decisions."""
        waiting: list[tuple[Segment, Sequence[_Found]]] = []
        for segment in self._load_ahead(threads):
            found = [
                [threads.submit(run.finder.find, block) for block in segment.blocks]
                for run in self.runs
            ]
            waiting.append((segment, found))
            if len(waiting) > 1:
                yield waiting.pop(0)
        yield from waiting

    def _load_ahead(self, threads: ThreadPoolExecutor) -> Iterator[Segment]:
        """The segments; the next one is loaded while one is worked on."""
        waiting = [threads.submit(each.load) for each in self._segments[:1]]
        for following in [*self._segments[1:], None]:
            if not waiting:
                return
            segment = waiting.pop().result()
            if following:
                waiting.append(threads.submit(following.load))
            yield segment

    def _cover(self, segment: Segment) -> None:
        cover = self.coverage
        moments = []
        for block in segment.blocks:
            counted = [ms for each in block.facts if (ms := ms_of(each.entry_id)) >= self._since]
            cover.articles += len(counted)
            known = cover.languages.get(block.language, 0)
            cover.languages[block.language] = known + len(counted)
            moments += counted
        for letter in segment.letters:
            if ms_of(letter.entry_id) >= self._since:
                cover.letters[letter.kind] = cover.letters.get(letter.kind, 0) + 1
        if moments:
            cover.first = min(moments) if cover.first is None else cover.first
            cover.last = max(moments)

    def _decide(
        self,
        index: int,
        run: ReplayedRules,
        segment: Segment,
        number: int,
        found: Sequence[Sequence[array[int]]],
    ) -> None:
        scored = [_Scored(run.rules, *each) for each in zip(segment.blocks, found, strict=True)]
        blocks = {id(block): place for place, block in enumerate(segment.blocks)}
        for block, at in in_order(segment):
            here = scored[blocks[id(block)]]
            facts = block.facts[at]
            if not (here.numbers[at] or run.replay.ledger.knows(facts.digest)):
                continue
            self._decide_heirs(index, run, ms_of(facts.entry_id))
            self.places.note(facts.entry_id, Place(number, blocks[id(block)], at))
            article, matches = here.article(at), here.matches(at)
            self._note_below(run, facts, article, here.numbers[at], matches)
            replayed = run.replay.decide(facts.entry_id, article, matches, facts.origin)
            self._note(index, run, facts.entry_id, replayed)

    def _note(self, index: int, run: ReplayedRules, entry_id: str, replayed: Replayed) -> None:
        self._noted(index, replayed)
        run.heirs.add(replayed)
        if ms_of(entry_id) < self._since:
            return
        if replayed.decided.refused:
            run.tally.refused[replayed.decided.refused_as] += 1
        for outcome in replayed.decided.outcomes:
            run.tally.note(outcome, run.rules)

    def _note_below(
        self,
        run: ReplayedRules,
        facts: KeptFacts,
        article: Article,
        numbers: Sequence[int],
        matches: Sequence[Match],
    ) -> None:
        if len(matches) == len(numbers) or ms_of(facts.entry_id) < self._since:
            return
        above = {match.query_id for match in matches}
        for number in numbers:
            watchlist = run.rules.watchlists.at(number).id
            if watchlist not in above:
                run.tally.note_below(watchlist, article.identity.digest)

    def _decide_heirs(self, index: int, run: ReplayedRules, now: float) -> None:
        for heir in run.heirs.due(now):
            matches = run.rules.engine.match(heir.article, max_evidence=MAX_EVIDENCE)
            again = run.replay.decide(heir.entry_id, heir.article, matches, heir.origin)
            self._note(index, run, heir.entry_id, again)


class _Scored:
    """A block's articles that hold for some query: their matches are made for all at once."""

    def __init__(self, rules: Rules, block: Block, numbers: Sequence[array[int]]) -> None:
        self.numbers = numbers
        self._block = block
        self._articles = {at: block.article(at) for at, each in enumerate(numbers) if each}
        made = rules.engine.score_batch(
            [*self._articles.values()],
            [numbers[at] for at in self._articles],
            max_evidence=MAX_EVIDENCE,
        )
        self._matches = dict(zip(self._articles, made, strict=True))

    def article(self, at: int) -> Article:
        """The article with a number."""
        found = self._articles.get(at)
        return self._block.article(at) if found is None else found

    def matches(self, at: int) -> Sequence[Match]:
        """Its matches."""
        return self._matches.get(at, ())
