"""Rules files → a compiled set of rules, and everything that is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import ValidationError

from service.errors import Fault
from service.matching.engine.compile import QueryCompiler
from service.matching.query import Query
from service.matching.words.frequencies import Frequencies
from service.rules.compilation.expressions import mistake_fault, parse_watchlist
from service.rules.compilation.file_contents import RulesContents, read_contents
from service.rules.compilation.lists import ListMistake, ListTrees, parse_lists
from service.rules.compilation.rule_set import (
    CompileReport,
    EarlierWatchlists,
    FindEarlier,
    Inventory,
    RuleSet,
)
from service.rules.compilation.selection import select_watchlists
from service.rules.compilation.tasks import MapTasks, run_inline
from service.rules.compilation.watchlist_records import Records
from service.rules.compilation.watchlists import ParsedWatchlists, parse_watchlists


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """A set of rules without its subscribers, and what is wrong with its files."""

    rule_set: RuleSet
    report: CompileReport


def compile_rules(
    files: Mapping[str, str],
    find_earlier: FindEarlier | None,
    frequencies: Frequencies | None = None,
    *,
    digests: Mapping[str, str] | None = None,
    to_match: bool = True,
    map_tasks: MapTasks = run_inline,
) -> CompiledRules:
    """The watchlists in `files` (name → text), and everything that is wrong with them.

    Args:
        files: the rules files.
        find_earlier: finds versions in force of faulty watchlists: they stay. None: at a start, and
            then faulty watchlists are left out.
        frequencies: how common words are, if that is known better than by the table that ships.
        digests: those of the files' contents, if a few that change are to be compiled alone then.
        to_match: whether articles are to be matched; finding mistakes needs no dictionaries.
        map_tasks: does the work that may be shared with another process.
    """
    compiler = QueryCompiler(frequencies) if to_match else None
    add = compiler.add if compiler else _discard
    contents = read_contents(files, map_tasks)
    lists = parse_lists(contents.list_specs, contents.faulty_lists)
    parsed = parse_watchlists(contents, lists.trees, map_tasks, add)
    selected = select_watchlists(contents, lists.trees, parsed, find_earlier, add)
    list_faults = [_list_fault(contents, mistake) for mistake in lists.mistakes]
    faults = sorted((*contents.faults, *list_faults, *parsed.faults))
    all_good = not (faults or selected.kept or selected.left_out)
    rule_set = RuleSet(
        selected.records,
        selected.list_sets,
        tuple(contents.subscribers),
        compiler.finish() if compiler else None,
        selected.digest,
        len(contents.watchlist_ids),
        _inventory(contents, parsed, digests) if digests and all_good else Inventory.unknown(),
    )
    report = CompileReport(
        tuple(faults),
        selected.kept,
        selected.left_out,
        rule_set.written,
        frozenset(contents.broken_files),
    )
    return CompiledRules(rule_set, report)


def compile_shared(
    shared: EarlierWatchlists, digest: str, frequencies: Frequencies | None = None
) -> CompiledRules:
    """A set of watchlists that another worker compiled from its files.

    What this version of Tocsin cannot read is left out, and reported.
    """
    compiler = QueryCompiler(frequencies)
    lists = [parse_lists(specs).trees for specs in shared.list_sets]
    left_out: list[str] = []
    good: list[int] = []
    for number in range(len(shared.records)):
        query = _shared_query(shared.records, number, lists)
        if query is None:
            left_out.append(shared.records.id(number))
        else:
            good.append(number)
            compiler.add(query)
    records = shared.records if not left_out else shared.records.copy_of(good)
    rule_set = RuleSet(records, shared.list_sets, (), compiler.finish(), digest)
    return CompiledRules(rule_set, CompileReport(left_out=tuple(left_out)))


def _inventory(
    contents: RulesContents, parsed: ParsedWatchlists, digests: Mapping[str, str]
) -> Inventory:
    disabled: defaultdict[str, list[str]] = defaultdict(list)
    files, drafts = contents.files, contents.watchlists
    for number in np.setdiff1d(np.arange(len(drafts)), np.array(parsed.good, np.int64)).tolist():
        disabled[files[drafts.file_number(number)]].append(drafts.id(number))
    mixed = {entry.part.file for entry in contents.lists.values()}
    mixed |= {place.file for place in contents.subscribers}
    return Inventory(digests, dict(disabled), sorted(mixed), sorted(contents.subscriber_ids))


def _shared_query(records: Records, number: int, lists: Sequence[ListTrees]) -> Query | None:
    try:
        record = records[number]
    except ValidationError:  # a later version of Tocsin has a key that this one does not know
        return None
    parsed = parse_watchlist(record.watchlist, lists[record.list_set])
    return None if parsed.mistakes else parsed.query


def _discard(_: Query) -> None:
    """For rules that are only checked."""


def _list_fault(contents: RulesContents, found: ListMistake) -> Fault:
    part = contents.lists[found.list_name].part
    path = ("items", found.item) if isinstance(part.value, dict) else (found.item,)
    return mistake_fault(part, path, found.mistake)
