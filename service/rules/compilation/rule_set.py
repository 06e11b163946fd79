"""A set of rules without its subscribers: compiled, compact, free of secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.errors import Fault
from service.matching.engine.compile import CompiledQueries
from service.rules.compilation.lists import ListSpecs
from service.rules.compilation.watchlist_records import Records
from service.rules.schema import ListSpec
from service.rules.yaml.yaml_value import PartLocation, SourceRange


@dataclass(frozen=True)
class RuleSet:
    """All watchlists of a set of rules files; immutable, and made of arrays and texts."""

    records: Records
    list_sets: tuple[ListSpecs, ...]
    """The lists in force, and the earlier ones that kept watchlists name."""
    subscribers: tuple[PartLocation, ...]
    compiled: CompiledQueries | None
    """None if no article is to be matched."""
    digest: str
    """A hash of the watchlists."""
    written: int = 0
    """How many watchlists its files have, also disabled ones."""

    def pack(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
        """Its arrays and texts by name, for a file."""
        if self.compiled is None:
            raise ValueError("rules that were compiled without their queries cannot be stored")
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
