"""The watchlists of a set of rules: the good ones, and earlier versions of faulty ones."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.rules.compilation.expressions import parse_good_watchlist
from service.rules.compilation.file_contents import RulesContents
from service.rules.compilation.lists import ListSpecs, ListTrees, parse_good_lists
from service.rules.compilation.rule_set import EarlierWatchlists, FindEarlier
from service.rules.compilation.watchlist_records import Records, content_hash, id_hash
from service.rules.compilation.watchlists import AddQuery, ParsedWatchlists


@dataclass(frozen=True, slots=True)
class SelectedWatchlists:
    """The watchlists of a set of rules, in the order in which their queries were added."""

    records: Records
    list_sets: tuple[ListSpecs, ...]
    """The sets of lists that the records name."""
    kept: tuple[str, ...]
    """Ids of watchlists whose earlier version stays."""
    left_out: tuple[str, ...]
    """Ids of faulty ones that have no earlier version, sorted; `all of FILE` where a file is not
    YAML and nothing is known of what it held."""
    digest: str
    """A hash of all watchlists, whatever their order."""


def select_watchlists(
    contents: RulesContents,
    lists: ListTrees,
    parsed: ParsedWatchlists,
    find_earlier: FindEarlier | None,
    add: AddQuery,
) -> SelectedWatchlists:
    """The good watchlists, then the earlier versions of faulty ones.

    Adds the queries of the latter; those of the former were added when they were parsed.
    """
    selection = _Selection(contents, lists)
    for number in parsed.good:
        selection.take(number)
    kept: list[str] = []
    kept_of: set[str] = set()
    if find_earlier is not None and (parsed.faulty_ids or contents.broken_files):
        id_hashes = np.array([id_hash(each) for each in parsed.faulty_ids], np.uint64)
        earlier = find_earlier(id_hashes, frozenset(contents.broken_files))
        good = {contents.watchlists.id(number) for number in parsed.good}
        trees = [parse_good_lists(specs) for specs in earlier.list_sets]
        for number in range(len(earlier.records)):
            record = earlier.records[number]
            if record.id not in parsed.faulty_ids and record.id in good:
                continue
            kept.append(record.id)
            kept_of.add(record.file)
            selection.take_earlier(earlier, number)
            add(parse_good_watchlist(record.watchlist, trees[record.list_set]))
    unknown = (f"all of {file}" for file in contents.broken_files - kept_of)
    left_out = (*sorted(parsed.faulty_ids.difference(kept)), *sorted(unknown))
    return selection.finish(kept, left_out)


def lists_hash(specs: ListSpecs) -> bytes:
    """A hash of lists, which is a part of the hash of each watchlist."""
    said = (f"{name}={spec.model_dump_json()}".encode() for name, spec in specs.items())
    return content_hash(said).to_bytes(8, "little")


def set_digest(hashes: npt.NDArray[np.uint64]) -> str:
    """The digest of a set of watchlists with these hashes, whatever their order."""
    rows = np.zeros((len(hashes), 9), np.uint8)
    rows[:, :8] = np.sort(hashes).astype("<u8").view(np.uint8).reshape(-1, 8)
    return f"{content_hash([rows.tobytes()[:-1]]):016x}"


class _Selection:
    """Collects the watchlists of a set of rules."""

    def __init__(self, contents: RulesContents, lists: ListTrees) -> None:
        self._drafts = contents.watchlists
        self._files = {file: number for number, file in enumerate(contents.files)}
        self._list_sets: list[ListSpecs] = [lists.good_specs]
        self._lists_hash = lists_hash(lists.specs)
        self._numbers = array("i")
        self._hashes = array("Q")

    def take(self, number: int) -> None:
        """Takes a watchlist of the files."""
        text = self._drafts.json_text(number)
        self._numbers.append(number)
        self._hashes.append(content_hash((text, self._lists_hash)))

    def take_earlier(self, earlier: EarlierWatchlists, number: int) -> None:
        """Takes a watchlist of earlier rules, with its place in a file that may be gone."""
        record = earlier.records[number]
        file = self._files.setdefault(record.file, len(self._files))
        list_set = self._list_set(earlier.list_sets[record.list_set])
        encoded = earlier.records.encoded(number)
        self._numbers.append(self._drafts.add(record.id, encoded, file, record.line, list_set))
        self._hashes.append(record.content_hash)

    def _list_set(self, specs: ListSpecs) -> int:
        """The number of a set of lists."""
        if specs not in self._list_sets:
            self._list_sets.append(specs)
        return self._list_sets.index(specs)

    def finish(self, kept: list[str], left_out: tuple[str, ...]) -> SelectedWatchlists:
        """All that was taken; `kept`: the ids of earlier ones; `left_out`: those of none."""
        records = self._drafts.to_records(self._numbers, self._hashes, list(self._files))
        digest = set_digest(records.content_hash)
        return SelectedWatchlists(records, tuple(self._list_sets), tuple(kept), left_out, digest)
