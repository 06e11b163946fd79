"""Rules files → a compiled set of rules, a watchlist at a time, and all that is wrong with them."""

from __future__ import annotations

import difflib
import re
from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from service.matching.engine.compile import compile_queries
from service.matching.query import Query
from service.matching.syntax.parser import parse
from service.matching.words.frequencies import Frequencies
from service.rules.compilation.chunks import Chunks, Reader
from service.rules.compilation.expressions import Lists, Mistake, Steps
from service.rules.compilation.inventory import Inventory, take
from service.rules.compilation.records import digest, key
from service.rules.compilation.rule_set import Earlier, Findings, Keep, ListSpecs, RuleSet
from service.rules.compilation.tasks import Each, here
from service.rules.schema import WatchlistSpec
from service.rules.yaml.part import Part


def compile_rules(
    files: Mapping[str, str],
    keep: Keep | None,
    frequencies: Frequencies | None = None,
    *,
    to_match: bool = True,
    each: Each = here,
) -> tuple[RuleSet, Findings]:
    """The watchlists in `files` (name → text), and all that is wrong with them.

    A faulty one is left out; where `keep` has a version of it, that one stays. None: at a start.
    `frequencies`: how common words are, where that is known better than from the table that ships.
    `to_match`: whether articles are to be matched at all; to find mistakes takes no dictionaries.
    `each` does what may be shared with another process.
    """
    work = _Compiling(take(files, each), keep, each)
    queries = work.queries()
    compiled = compile_queries(queries, frequencies) if to_match else None
    deque(queries, maxlen=0)  # read to their end in any case
    found = work.found
    records = found.watchlists.records(work.chosen, work.digests, work.files)
    places = tuple(found.subscribers)
    total = f"{digest(each.to_bytes(8, 'little') for each in sorted(work.digests)):016x}"
    rules = RuleSet(records, tuple(work.sets), places, compiled, total)
    return rules, Findings(found.faults, tuple(work.kept), frozenset(found.broken))


_ID = re.compile(r"[a-z0-9-]+$")


class _Compiling:
    """Reads the expressions of an inventory, one watchlist at a time."""

    def __init__(self, found: Inventory, keep: Keep | None, each: Each) -> None:
        self.found = found
        self._each = each
        self.files = [document.file for document in found.documents]
        self.chosen = array("i")
        """The numbers of the watchlists that are good and enabled."""
        self.digests = array("Q")
        self.kept: list[str] = []
        self._hints: dict[str, str] = {}
        self._keep = keep
        self._faulty = set(found.faulty)
        specs = {name: spec for name, (spec, _) in found.lists.items()}
        self._lists = Lists(specs, found.faulty_lists, self._tell_list)
        self.sets: list[ListSpecs] = [
            {name: spec for name, spec in specs.items() if name in self._lists.nodes}
        ]
        said = (f"{name}={spec.model_dump_json()}".encode() for name, spec in specs.items())
        self._lists_digest = digest(said).to_bytes(8, "little")

    def queries(self) -> Iterator[Query]:
        """The queries of all watchlists that are good; fills in the rest on the way."""
        for match, part in self.found.malformed:  # all that is wrong is told at once
            found = self._lists.parse(parse, match)
            if isinstance(found, Mistake):
                _told(part, ("match",), found)
        doubtful: dict[str, tuple[int, Query]] = {}
        for number, query in enumerate(self._read()):
            if query is None:
                continue
            if query.id in self.found.faulty:  # another one of this id is malformed
                doubtful[query.id] = (number, query)
                continue
            self._add(number)
            yield query
        if self._keep is not None and (self._faulty or self.found.broken):
            keys = np.array([key(each) for each in self._faulty], np.uint64)
            earlier = self._keep(keys, frozenset(self.found.broken))
            yield from self._earlier(earlier, doubtful)
        for number, query in doubtful.values():
            self._add(number)
            yield query

    def _read(self) -> Iterator[Query | None]:
        """What each watchlist looks for; None where it is faulty or disabled."""
        number = 0
        reader = Reader(self._lists, None if self.found.broken else self.found.names)
        for read in self._each(reader, Chunks(self.found.watchlists)):
            for query in read.queries(self._lists):
                yield query or self._query(number)
                number += 1

    def _query(self, number: int) -> Query | None:
        """What a watchlist looks for; None where it is faulty or disabled."""
        spec = WatchlistSpec.model_validate_json(self.found.watchlists.text(number))
        mistakes: list[tuple[Steps, Mistake]] = []
        query = self._lists.query(spec, lambda *told: mistakes.append(told))
        # What a broken file holds is not known to be missing.
        if not self.found.broken and not self.found.names.issuperset(spec.notify):
            mistakes += self._strangers(spec)
        if mistakes:
            self._faulty.add(spec.id)
            part = self.found.part(number)
            for steps, mistake in mistakes:
                _told(part, steps, mistake)
            return None
        return query if spec.enabled else None

    def _strangers(self, spec: WatchlistSpec) -> Iterator[tuple[Steps, Mistake]]:
        """Whom the watchlist notifies and nobody knows."""
        for number, name in enumerate(spec.notify):
            if name not in self.found.names:
                mistake = Mistake(f"there is no subscriber {name}", self._near(name))
                yield ("notify", number), mistake

    def _near(self, name: str) -> str:
        if name not in self._hints:
            near = difflib.get_close_matches(name, filter(_ID.match, self.found.names), n=1)
            hint = f"Did you mean {near[0]}?" if near else "Add it under `subscribers:`."
            self._hints[name] = hint
        return self._hints[name]

    def _tell_list(self, name: str, number: int, mistake: Mistake) -> None:
        part = self.found.lists[name][1]
        steps: Steps = ("items", number) if isinstance(part.value, dict) else (number,)
        _told(part, steps, mistake)

    def _add(self, number: int) -> None:
        text = self.found.watchlists.text(number)
        self.chosen.append(number)
        self.digests.append(digest((text, self._lists_digest)))

    def _earlier(self, earlier: Earlier, doubtful: dict[str, tuple[int, Query]]) -> Iterator[Query]:
        """The queries of the watchlists that stay as they were."""
        drafts = self.found.watchlists
        good = {drafts.id(number) for number in self.chosen} | doubtful.keys()
        lists = [Lists.sound(specs) for specs in earlier.lists]
        numbers = {file: number for number, file in enumerate(self.files)}
        for number in range(len(earlier.records)):
            record = earlier.records[number]
            if record.id not in self._faulty and record.id in good:
                continue
            file = numbers.setdefault(record.file, len(numbers))
            doubtful.pop(record.id, None)
            self.kept.append(record.id)
            text = earlier.records.raw(number)
            at = drafts.add(record.id, text, file, record.line, self._set(earlier, record.lists))
            self.chosen.append(at)
            self.digests.append(record.digest)
            yield lists[record.lists].sound_query(record.watchlist)
        self.files = list(numbers)

    def _set(self, earlier: Earlier, number: int) -> int:
        """The number that an earlier set of lists has among the sets that are still named."""
        specs = earlier.lists[number]
        if specs not in self.sets:
            self.sets.append(specs)
        return self.sets.index(specs)


def _told(part: Part, steps: Steps, mistake: Mistake) -> None:
    path = (*part.path, *steps)
    fault = part.fault(path, mistake.message, mistake.hint, at=mistake.at)
    after = fault.source[fault.column - 1 + fault.width :]
    if mistake.message.startswith("nothing follows") and _COMMENT.match(after):
        fault = replace(fault, hint=f"{fault.hint} In YAML, “ #” begins a comment.")
    part.faults.append(fault)


_COMMENT = re.compile(r"\s+#")
