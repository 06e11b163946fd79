"""Sets of rules on the kept articles of one stream, segment after segment."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from service.alerts.people.silence import Silence
from service.archive.heirs import Heirs
from service.archive.kept.match_processes import MatchProcesses
from service.archive.kept.matched import MAX_EVIDENCE, Coverage, KeptMatch, MatchedSegment
from service.archive.kept.segment import SegmentFile
from service.archive.moments import ms_of
from service.archive.places import Place, Places
from service.archive.replay import Replay, Replayed
from service.archive.report.tally import Tally
from service.rules.rules import Rules


@dataclass(slots=True)
class ReplayedRules:
    """A set of rules at work."""

    replay: Replay
    heirs: Heirs
    tally: Tally = field(default_factory=Tally)

    @property
    def rules(self) -> Rules:
        """The rules."""
        return self.replay.rules


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
        self.runs = [ReplayedRules(each, Heirs(each, self.places)) for each in replays]
        self.coverage = Coverage()
        self._segments = segments
        self._since = since
        self._noted = noted

    def run(self, processes: int = 0) -> Iterator[int]:
        """Read every segment; yields how many entries each had.

        So many processes match segments while this one decides on those before; 0: this one does.
        """
        sets = [run.rules for run in self.runs]
        with MatchProcesses(sets, self._since, processes) as matching:
            for number, segment in enumerate(matching.matched(self._segments)):
                self.coverage.add(segment.coverage)
                for index, run in enumerate(self.runs):
                    self._decide(index, run, segment, number)
                yield segment.entries
        for index, run in enumerate(self.runs):
            self._decide_heirs(index, run, inf)

    def _decide(self, index: int, run: ReplayedRules, segment: MatchedSegment, number: int) -> None:
        found, knows = segment.found[index], run.replay.ledger.knows
        for row, digest in enumerate(segment.digests):
            if row not in found and not knows(digest):
                continue
            place = Place(number, *segment.places[row].tolist())
            one = found.get(row)
            if one is None:
                one = KeptMatch(*self.places.at(place), array("q"), (), None)
            entry_id = one.facts.entry_id
            self._decide_heirs(index, run, ms_of(entry_id))
            self.places.note(entry_id, place)
            self._note_below(run, one)
            replayed = run.replay.decide(
                entry_id, one.article, one.matches, one.facts.origin, one.marks
            )
            self._note(index, run, entry_id, replayed)

    def _note(self, index: int, run: ReplayedRules, entry_id: str, replayed: Replayed) -> None:
        self._noted(index, replayed)
        run.heirs.add(replayed)
        if ms_of(entry_id) < self._since:
            return
        if replayed.decided.refused:
            run.tally.refused[replayed.decided.refused_as] += 1
        for outcome in replayed.decided.outcomes:
            run.tally.note(outcome, run.rules)

    def _note_below(self, run: ReplayedRules, one: KeptMatch) -> None:
        if len(one.matches) == len(one.numbers) or ms_of(one.facts.entry_id) < self._since:
            return
        above = {match.query_id for match in one.matches}
        for number in one.numbers:
            watchlist = run.rules.watchlists.at(number).id
            if watchlist not in above:
                run.tally.note_below(watchlist, one.article.identity.digest)

    def _decide_heirs(self, index: int, run: ReplayedRules, now: float) -> None:
        for heir in run.heirs.due(now):
            matches = run.rules.engine.match(heir.article, max_evidence=MAX_EVIDENCE)
            again = run.replay.decide(heir.entry_id, heir.article, matches, heir.origin)
            self._note(index, run, heir.entry_id, again)
