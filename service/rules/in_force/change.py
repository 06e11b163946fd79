"""What differs between two sets of rules."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from service.matching.syntax.lexer import LIST_NAME
from service.rules.compilation.lists import ListSpecs
from service.rules.compilation.watchlist_records import Records, decode_id
from service.rules.in_force.shared_set import SharedSet
from service.rules.in_force.state import RulesChange

_LIST_REFERENCE = re.compile(rf"\$({LIST_NAME})")


def rules_change(before: SharedSet | None, after: SharedSet) -> RulesChange:
    """What `after` changes; everything is new where there was nothing before."""
    old = _described(before, after) if before else {}
    new = _described(after, before)
    terms = before.terms if before else {}
    return RulesChange(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_])),
        subscribers=tuple(
            sorted(
                name
                for name in terms.keys() | after.terms.keys()
                if terms.get(name) != after.terms.get(name)
            )
        ),
    )


def _described(shared: SharedSet, other: SharedSet | None) -> Mapping[str, bytes]:
    """What each watchlist says that another set has otherwise or not at all, by its id: its JSON,
    and a hash of the lists that it names.
    """
    records = shared.records
    lists = [_list_hashes(each) for each in shared.list_sets]
    found = {}
    for number in _not_in(records, other.records if other else None):
        record = records.encoded(number)
        found[decode_id(record)] = _described_one(records, number, record, lists)
    return found


def _not_in(records: Records, others: Records | None) -> Iterable[int]:
    """The numbers of the records of which none of the others says the same."""
    if others is None or not len(others):
        return range(len(records))
    mine, theirs = records.content_hash, others.content_hash
    # Ids are there once: what both have at the same place from either end, neither has elsewhere.
    size = min(len(mine), len(theirs))
    begin = _equal(mine[:size], theirs[:size])
    end = _equal(mine[::-1][: size - begin], theirs[::-1][: size - begin])
    known = np.sort(theirs[begin : len(theirs) - end])
    wanted = mine[begin : len(mine) - end]
    if not len(known):
        return range(begin, begin + len(wanted))
    found = known[np.minimum(np.searchsorted(known, wanted), len(known) - 1)] == wanted
    numbers: list[int] = (begin + np.flatnonzero(~found)).tolist()
    return numbers


def _equal(one: npt.NDArray[np.uint64], other: npt.NDArray[np.uint64]) -> int:
    """How many numbers are equal from the beginning on."""
    differs = one != other
    return int(differs.argmax()) if differs.any() else len(one)


def _described_one(
    records: Records, number: int, record: bytes, lists: list[Mapping[str, bytes]]
) -> bytes:
    spec = record.split(b"\n")[1]
    if b"$" not in spec:
        return spec
    known = lists[records.list_set[number]]
    named = sorted(set(_LIST_REFERENCE.findall(spec.decode("utf-8", "surrogateescape"))))
    return b"\n".join((spec, *(known.get(name, b"") for name in named)))


def _list_hashes(specs: ListSpecs) -> Mapping[str, bytes]:
    """A hash of each list with all lists that it leads to."""
    texts = {name: spec.model_dump_json() for name, spec in specs.items()}
    found = {}
    for name in texts:
        reached, waiting = {name}, [name]
        while waiting:
            inner = set(_LIST_REFERENCE.findall(texts[waiting.pop()])) & texts.keys()
            waiting += inner - reached
            reached |= inner
        hashed = hashlib.blake2b(digest_size=16)
        for each in sorted(reached):
            hashed.update(f"{each}\n{texts[each]}\n".encode())
        found[name] = hashed.digest()
    return found
