"""A set of rules as workers share it: watchlists, lists and what subscribers want; no secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.lists import ListSpecs
from service.rules.compilation.rule_set import EarlierWatchlists
from service.rules.compilation.watchlist_records import Records
from service.rules.subscribers.terms import Terms


@dataclass(frozen=True)
class SharedSet:
    """The watchlists of a set of rules, the lists that they name, and its subscribers' terms."""

    records: Records
    list_sets: tuple[ListSpecs, ...]
    terms: Mapping[str, Terms]
    """By the ids of subscribers."""
    digest: str
    """A hash of the watchlists."""

    @classmethod
    def empty(cls) -> SharedSet:
        """A set without a watchlist."""
        return cls(WatchlistDrafts().to_records((), (), ()), (), {}, "")

    @cached_property
    def id(self) -> str:
        """The same for sets that judge and route alike, wherever their rules are written."""
        terms = {name: each.to_json() for name, each in self.terms.items()}
        said = f"{self.digest} {json.dumps(terms, sort_keys=True)}"
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()

    def find_earlier(
        self, id_hashes: npt.NDArray[np.uint64], files: frozenset[str]
    ) -> EarlierWatchlists:
        """Those that may have to stay (see `rule_set.FindEarlier`)."""
        return EarlierWatchlists(self.records.select(id_hashes, files), self.list_sets)
