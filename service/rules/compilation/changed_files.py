"""A few rules files that have changed → the set of rules, without compiling the others again.

Only files that hold good watchlists and nothing else are read alone, before and after: a list or a
subscriber may concern any watchlist, and a fault is reported with all that it concerns.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from service.matching.engine.compile import QueryCompiler
from service.matching.engine.engine import Engine
from service.matching.engine.layers import GONE, LayeredEngine, only_engine
from service.matching.words.frequencies import Frequencies
from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.expressions import KnownSubscribers, parse_watchlist
from service.rules.compilation.file_contents import read_file
from service.rules.compilation.lists import parse_lists
from service.rules.compilation.rule_set import ChangedQueries, Inventory, RuleSet
from service.rules.compilation.selection import lists_hash, set_digest
from service.rules.compilation.watchlist_records import Records, content_hash
from service.rules.schema import WatchlistSpec
from service.rules.sections import check_sections

_Number = TypeVar("_Number", bound=np.generic)
MAX_CHARS = 4 * 2**20
"""Most characters of changed files: they are read in some seconds, in the process that matches."""
MAX_QUERIES = 2_000
"""Most watchlists that are compiled alone."""


class WholeRules(NamedTuple):
    """A set of rules that was compiled as a whole."""

    rule_set: RuleSet
    engine: Engine

    @classmethod
    def of(cls, rule_set: RuleSet, engine: Engine | LayeredEngine) -> WholeRules:
        """The set, or that from which a set was made by `compile_changed`."""
        if isinstance(rule_set.compiled, ChangedQueries):
            return cls(rule_set.compiled.whole, rule_set.compiled.engine)
        return cls(rule_set, only_engine(engine))


class _ChangedWatchlists(NamedTuple):
    """The watchlists of the changed files."""

    drafts: WatchlistDrafts
    enabled: Sequence[int]
    """Numbers of drafts."""
    hashes: Sequence[int]
    """The content hash of each that is enabled."""
    known: Mapping[int, int]
    """The number in the whole set of each enabled draft whose query is the same there."""
    disabled: Mapping[str, Sequence[str]]


def compile_changed(
    whole: WholeRules,
    files: Mapping[str, str],
    digests: Mapping[str, str],
    frequencies: Frequencies | None = None,
) -> RuleSet | None:
    """The set of rules in `files` (name → text); None if they must be compiled as a whole.

    Only files that `whole` does not know by their digest are read. The set is the same as if all
    were compiled, in the same order; its queries are `ChangedQueries`.
    """
    rule_set, known = whole.rule_set, whole.rule_set.inventory
    changed = sorted(name for name in digests if known.digests.get(name) != digests[name])
    touched = {*changed, *(known.digests.keys() - digests.keys())}
    if not known.digests or not touched.isdisjoint(known.mixed) or len(rule_set.list_sets) != 1:
        return None
    if sum(len(files[name]) for name in changed) > MAX_CHARS:
        return None
    names = sorted(digests)
    drafts = _read(changed, files, names)
    if drafts is None:
        return None
    earlier = rule_set.records.find_all(drafts.numbers, drafts.id_hashes)
    if not _ids_are_free(drafts, earlier, rule_set, touched):
        return None
    compiler = QueryCompiler(frequencies)
    new = _compile(drafts, earlier, rule_set, names, compiler)
    if new is None:
        return None
    records, places, new_places = _merge_records(rule_set.records, new, names, touched)
    own = [new_places[at] for at, number in enumerate(new.enabled) if number not in new.known]
    for at, number in enumerate(new.enabled):
        if number in new.known:
            places[new.known[number]] = new_places[at]
    stays = {name: ids for name, ids in known.disabled.items() if name not in touched}
    disabled = {**stays, **new.disabled}
    return RuleSet(
        records,
        rule_set.list_sets,
        rule_set.subscribers,
        ChangedQueries(*whole, places, compiler.finish(), np.array(own, np.int32)),
        set_digest(records.content_hash),
        len(records) + sum(map(len, disabled.values())),
        Inventory(digests, disabled, known.mixed, known.subscribers),
    )


def _read(
    changed: Sequence[str], files: Mapping[str, str], names: Sequence[str]
) -> WatchlistDrafts | None:
    """The watchlists of changed files; None unless they hold those only, and no fault."""
    drafts = WatchlistDrafts()
    for name in changed:
        content = read_file((name, files[name]), drafts.numbers)
        check_sections(content.document)
        if content.others or content.document.faults:
            return None
        drafts.extend(content.drafts, names.index(name))
    return drafts


def _ids_are_free(
    drafts: WatchlistDrafts, earlier: Sequence[int | None], rule_set: RuleSet, touched: set[str]
) -> bool:
    """Whether no watchlist in an unchanged file has the id of one in a changed file.

    `earlier`: the number in the whole set of the watchlist with the id of each draft.
    """
    records, disabled = rule_set.records, rule_set.inventory.disabled
    other = (id_ for name, ids in disabled.items() if name not in touched for id_ in ids)
    if any(id_ in drafts.numbers for id_ in other):
        return False
    known = [number for number in earlier if number is not None]
    return all(records.files[file] in touched for file in set(records.file[known].tolist()))


def _compile(
    drafts: WatchlistDrafts,
    earlier: Sequence[int | None],
    rule_set: RuleSet,
    names: Sequence[str],
    compiler: QueryCompiler,
) -> _ChangedWatchlists | None:
    """Adds the queries that are new or have changed; None for a mistake, or for too many."""
    specs, records = rule_set.list_sets[0], rule_set.records
    lists, hashed = parse_lists(specs).trees, lists_hash(specs)
    subscribers = KnownSubscribers(rule_set.inventory.subscribers)
    enabled, hashes = array("i"), array("Q")
    known: dict[int, int] = {}
    disabled: dict[str, list[str]] = {}
    for number, (id_, before) in enumerate(zip(drafts.numbers, earlier, strict=True)):
        text = drafts.json_text(number)
        content = content_hash((text, hashed))
        if before is not None and records.content_hash[before] == content:
            known[number] = before
        else:
            spec = WatchlistSpec.model_validate_json(text)
            parsed = parse_watchlist(spec, lists)
            if parsed.query is None or parsed.mistakes or any(subscribers.find_unknown(spec)):
                return None
            if not spec.enabled:
                disabled.setdefault(names[drafts.file_number(number)], []).append(id_)
                continue
            compiler.add(parsed.query)
        enabled.append(number)
        hashes.append(content)
    if len(enabled) - len(known) > MAX_QUERIES:
        return None
    return _ChangedWatchlists(drafts, enabled, hashes, known, disabled)


def _merge_records(
    before: Records, new: _ChangedWatchlists, names: Sequence[str], touched: set[str]
) -> tuple[Records, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The records of unchanged files and of changed ones, in the order of the files.

    Besides, where each of the earlier ones is now, `GONE` if nowhere; and each of the new ones.
    """
    number = {name: at for at, name in enumerate(names)}
    file_now = np.array([number.get(name, GONE) for name in before.files], np.int32)
    for at, name in enumerate(before.files):
        if name in touched:
            file_now[at] = GONE
    stays = np.flatnonzero(file_now[before.file] != GONE) if len(before) else np.arange(0)
    fresh = new.drafts.to_records(new.enabled, new.hashes, names)
    file = np.concatenate((file_now[before.file[stays]], fresh.file))
    order = np.argsort(file, kind="stable")
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)

    def joined(one: npt.NDArray[_Number], other: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
        return np.concatenate((one[stays], other))[order]

    places = np.full(len(before), GONE, np.int32)
    places[stays] = place[: len(stays)]
    new_places = place[len(stays) :]
    shift = before.size
    records = replace(
        before,
        more=np.concatenate((before.more, fresh.content)),
        begin=joined(before.begin, fresh.begin + shift),
        end=joined(before.end, fresh.end + shift),
        file=file[order],
        line=joined(before.line, fresh.line),
        list_set=joined(before.list_set, fresh.list_set),
        content_hash=joined(before.content_hash, fresh.content_hash),
        **_found_by_id(before, places, fresh, new_places),
        files=tuple(names),
    )
    return records, places, new_places


def _found_by_id(
    before: Records,
    places: npt.NDArray[np.int32],
    fresh: Records,
    new_places: npt.NDArray[np.int32],
) -> dict[str, npt.NDArray[Any]]:
    """`id_hash` and `order` of records that were joined; these are not sorted again."""
    numbers = places[before.order]
    stays = numbers != GONE
    hashes = before.id_hash[stays]
    at = np.searchsorted(hashes, fresh.id_hash)
    return {
        "id_hash": np.insert(hashes, at, fresh.id_hash),
        "order": np.insert(numbers[stays], at, new_places[fresh.order]),
    }
