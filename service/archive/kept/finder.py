"""Kept articles and a set of rules: the numbers of the queries that hold for each article."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise
from threading import Lock

import numpy as np
import numpy.typing as npt

from service.archive.kept.block import FORM_MASK, GAP_SHIFT, SHOUTED, Block
from service.matching.engine.engine import Engine
from service.matching.engine.kernel.arrays import FormFacts
from service.matching.engine.kernel.scan import Words

AT_ONCE = 2_000
"""Articles of one call of the kernels."""


class _KnownForms:
    """What the forms of one language mean to the rules; grows with the blocks.

    Threads may ask at once: one waits until the other has learnt what a number means.
    """

    def __init__(self, engine: Engine, language: str) -> None:
        self._engine = engine
        self._language = language
        self._numbers: dict[str, int] = {}
        self._lock = Lock()
        self.facts = FormFacts(np.zeros(0, np.uint8), np.zeros(1, np.int32), np.zeros(0, np.int32))

    def table(self, forms: Sequence[str]) -> npt.NDArray[np.int32]:
        """For each form of a block its number in `facts`."""
        numbers = self._numbers
        with self._lock:
            first = len(numbers)
            found = [numbers.setdefault(form, len(numbers)) for form in forms]
            new = [form for form, number in zip(forms, found, strict=True) if number >= first]
            if new:
                self._learn(new)
        return np.array(found, np.int32)

    def _learn(self, new: Sequence[str]) -> None:
        read = [(form.removeprefix(SHOUTED), int(form.startswith(SHOUTED))) for form in new]
        flags, starts, keys = self.facts
        more = self._engine.matcher.known_forms(read, self._language)
        self.facts = FormFacts(
            np.concatenate([flags, more.flags]),
            np.concatenate([starts, starts[-1] + more.keys_start[1:]]),
            np.concatenate([keys, more.keys]),
        )


class Finder:
    """Finds the queries of one set of rules that hold; threads may ask at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._known: dict[str, _KnownForms] = {}

    def find(self, block: Block) -> list[array[int]]:
        """For each article of the block the numbers of the queries that hold."""
        known = self._known_in(block.language)
        table = known.table(block.forms)
        matcher = self._engine.matcher
        found: list[array[int]] = []
        for first in range(0, len(block.facts), AT_ONCE):
            facts = block.facts[first : first + AT_ONCE]
            starts = block.zone_start[3 * first : 3 * (first + len(facts)) + 1]
            packed = block.words[starts[0] : starts[-1]]
            words = Words(
                table[packed & np.uint32(FORM_MASK)],
                (packed >> np.uint32(GAP_SHIFT)).astype(np.uint8),
                starts - starts[0],
                np.empty(0, np.int64),
            )
            # Most rules ask for no metadata.
            asked = facts if len(matcher.queries.test_field) else ()
            articles = [each.article() for each in asked]
            holding, at = matcher.match_kept_words(words, known.facts, articles)
            found += [holding[low:high] for low, high in pairwise(at)]
        return found

    def _known_in(self, language: str) -> _KnownForms:
        with self._lock:
            known = self._known.get(language)
            if known is None:
                known = self._known[language] = _KnownForms(self._engine, language)
            return known
