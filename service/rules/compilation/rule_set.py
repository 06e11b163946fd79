"""A set of rules without its subscribers: compiled, compact, made to be stored, nothing secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.errors import Fault
from service.matching.engine.compile import Compiled
from service.rules.compilation.records import Records
from service.rules.schema import ListSpec
from service.rules.yaml.part import Place, Span

ListSpecs = Mapping[str, ListSpec]


@dataclass(frozen=True)
class RuleSet:
    """All watchlists of a set of rules files; immutable, and made to be stored."""

    records: Records
    lists: tuple[ListSpecs, ...]
    """Sets of lists: watchlists that were kept name those of their own time."""
    subscribers: tuple[Place, ...]
    compiled: Compiled | None
    """None where no article was to be matched."""
    digest: str

    def pack(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
        """Its arrays and texts by name: all that it takes to make it again."""
        if self.compiled is None:
            raise ValueError("what is stored is there to match articles")
        arrays = {f"records.{name}": one for name, one in self.records.arrays().items()}
        arrays |= {f"compiled.{name}": one for name, one in self.compiled.arrays.items()}
        texts = {f"compiled.{name}": one for name, one in self.compiled.texts.items()}
        texts |= {
            "files": json.dumps(self.records.files),
            "lists": json.dumps(
                [{n: s.model_dump() for n, s in each.items()} for each in self.lists]
            ),
            "subscribers": json.dumps(self.subscribers),
            "digest": self.digest,
        }
        return arrays, texts

    @classmethod
    def unpack(cls, arrays: Mapping[str, npt.NDArray[Any]], texts: Mapping[str, str]) -> RuleSet:
        """The set that `pack` took apart."""
        lists = json.loads(texts["lists"])
        places = json.loads(texts["subscribers"])
        return cls(
            Records.of(_under("records.", arrays), json.loads(texts["files"])),
            tuple({n: ListSpec.model_validate(s) for n, s in each.items()} for each in lists),
            tuple(Place(file, number, Span(*span)) for file, number, span in places),
            Compiled(_under("compiled.", arrays), _under("compiled.", texts)),
            texts["digest"],
        )


def _under(prefix: str, named: Mapping[str, Any]) -> dict[str, Any]:
    return {n.removeprefix(prefix): one for n, one in named.items() if n.startswith(prefix)}


@dataclass(frozen=True)
class Findings:
    """What there is to tell of a set of rules files, but for their subscribers."""

    faults: tuple[Fault, ...] = ()
    kept: tuple[str, ...] = ()
    """Ids of watchlists whose last good version stays."""
    broken: frozenset[str] = frozenset()
    """Files that are no YAML: what they held stays."""


@dataclass(frozen=True)
class Earlier:
    """Watchlists of the rules in force, as far as they may have to stay."""

    records: Records
    lists: tuple[ListSpecs, ...]
    """The sets of lists that the records name."""


Keep = Callable[[npt.NDArray[np.uint64], frozenset[str]], Earlier]
"""The watchlists in force whose ids have one of these keys, or that stand in one of these files."""
