"""A set of rules without its subscribers: compiled, compact, free of secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from service.errors import Fault
from service.matching.engine.compile import CompiledQueries
from service.matching.engine.engine import Engine
from service.matching.engine.layers import Layer, LayeredEngine
from service.matching.query import Query
from service.rules.compilation.lists import ListSpecs
from service.rules.compilation.watchlist_records import Records
from service.rules.schema import ListSpec
from service.rules.yaml.yaml_value import PartLocation, SourceRange


@dataclass(frozen=True, slots=True)
class Inventory:
    """What was in the rules files of a set, as far as it must be known when some of them change."""

    digests: Mapping[str, str]
    """The digest of each file's content, by name; empty if something was wrong with the files."""
    disabled: Mapping[str, Sequence[str]]
    """Ids of disabled watchlists, by file."""
    mixed: Sequence[str]
    """Files that have more than watchlists."""
    subscribers: Sequence[str]
    """Ids."""

    @classmethod
    def unknown(cls) -> Inventory:
        """That of a set that is not known by its files."""
        return cls({}, {}, (), ())


@dataclass(frozen=True)
class ChangedQueries:
    """The queries of a set that differs from an earlier one in a few watchlists."""

    whole: RuleSet
    """The earlier set."""
    engine: Engine
    """That of the earlier set."""
    places: npt.NDArray[np.int32]
    """The number of each of its queries in this set; or `layers.GONE`."""
    changed: CompiledQueries
    """The queries that are new or have changed."""
    changed_places: npt.NDArray[np.int32]
    """The number of each of those in this set."""

    def layered(self, query: Callable[[int], Query]) -> LayeredEngine:
        """The engine of this set; `query` gives the query of a number."""

        def changed_query(number: int) -> Query:
            return query(int(self.changed_places[number]))

        changed = Layer(Engine(self.changed, changed_query), self.changed_places)
        return LayeredEngine([Layer(self.engine, self.places), changed])


@dataclass(frozen=True)
class RuleSet:
    """All watchlists of a set of rules files; immutable, and made of arrays and texts."""

    records: Records
    list_sets: tuple[ListSpecs, ...]
    """The lists in force, and the earlier ones that kept watchlists name."""
    subscribers: tuple[PartLocation, ...]
    compiled: CompiledQueries | ChangedQueries | None
    """None if no article is to be matched."""
    digest: str
    """A hash of the watchlists."""
    written: int = 0
    """How many watchlists its files have, also disabled ones."""
    inventory: Inventory = field(default_factory=Inventory.unknown)

    def pack(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
        """Its arrays and texts by name, for a file."""
        if not isinstance(self.compiled, CompiledQueries):
            raise ValueError("rules that were not compiled as a whole cannot be stored")
        arrays = {f"records.{name}": one for name, one in self.records.arrays().items()}
        arrays |= {f"compiled.{name}": one for name, one in self.compiled.arrays.items()}
        texts = {f"compiled.{name}": one for name, one in self.compiled.texts.items()}
        texts |= {
            "files": json.dumps(self.records.files),
            "lists": json.dumps(
                [{n: s.model_dump() for n, s in each.items()} for each in self.list_sets]
            ),
            "subscribers": json.dumps(self.subscribers),
            "digest": self.digest,
            "written": str(self.written),
            "inventory": json.dumps(asdict(self.inventory)),
        }
        return arrays, texts

    @classmethod
    def unpack(cls, arrays: Mapping[str, npt.NDArray[Any]], texts: Mapping[str, str]) -> RuleSet:
        """The rule set of which `pack` gave these arrays and texts."""
        lists = json.loads(texts["lists"])
        places = json.loads(texts["subscribers"])
        return cls(
            Records.from_arrays(_with_prefix("records.", arrays), json.loads(texts["files"])),
            tuple({n: ListSpec.model_validate(s) for n, s in each.items()} for each in lists),
            tuple(PartLocation(file, n, SourceRange(*range_)) for file, n, range_ in places),
            CompiledQueries(_with_prefix("compiled.", arrays), _with_prefix("compiled.", texts)),
            texts["digest"],
            int(texts["written"]),
            Inventory(**json.loads(texts["inventory"])),
        )


def _with_prefix(prefix: str, named: Mapping[str, Any]) -> dict[str, Any]:
    return {n.removeprefix(prefix): one for n, one in named.items() if n.startswith(prefix)}


@dataclass(frozen=True)
class CompileReport:
    """What is wrong with a set of rules files, except with their subscribers."""

    faults: tuple[Fault, ...] = ()
    kept: tuple[str, ...] = ()
    """Ids of watchlists whose last good version stays."""
    left_out: tuple[str, ...] = ()
    """Ids of faulty watchlists that have none, or `all of FILE`."""
    written: int = 0
    """How many watchlists the files have, also faulty and disabled ones."""
    broken_files: frozenset[str] = frozenset()
    """Files that are not YAML: what they held before stays."""


@dataclass(frozen=True)
class EarlierWatchlists:
    """Watchlists of the rules in force that may have to stay."""

    records: Records
    list_sets: tuple[ListSpecs, ...]
    """The sets of lists that the records name."""


FindEarlier = Callable[[npt.NDArray[np.uint64], frozenset[str]], EarlierWatchlists]
"""Finds watchlists in force whose ids have one of these hashes, or that are in one of these files.
"""
