"""The known surface forms of one language, with the keys that they mean.

The keys of a form are looked up once, when it is first seen, and remembered. Readers run in other
threads without a lock: they use a `Snapshot`, and forms that are added later are beyond its count.
"""

from __future__ import annotations

import threading
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from service.matching.engine.compile import PreloadedForms, work_out_forms
from service.matching.engine.forms import FormKeys
from service.matching.engine.kernel.arrays import FormFacts
from service.matching.engine.kernel.scan import UNKNOWN_NUMBERS, Words
from service.matching.engine.kernel.table import RECORD_HEAD, FormTable, Hashing, add_forms
from service.matching.engine.large_pages import zeros

_Number = TypeVar("_Number", bound=np.generic)
MAX_CHARACTERS = 1 << 24
"""Most characters, at four bytes each, of all forms from articles. When there are more, all forms
but those of the rules are forgotten."""
_NOTHING = 0xFFFFFFFF
"""Fills the room for new records: it is not the number of a form, so readers skip it."""


class Snapshot(NamedTuple):
    """The table as one reader sees it."""

    forms: FormTable
    known: FormFacts
    size: int
    restarts: int
    """How often the table was restarted: a form has another number after each restart."""


class Lexicon:
    """Grows under a lock; `snapshot` is replaced, never changed below its count."""

    def __init__(
        self,
        keys: FormKeys,
        language: str,
        seeds: PreloadedForms,
        hashing: Hashing,
        max_forms: int,
    ) -> None:
        self._keys = keys
        self._language = language
        self._preloaded = seeds
        self._hashing = hashing
        self._max_forms = max_forms
        self._lock = threading.Lock()
        self._end = 0
        self._full = 0, 0
        """The limits at which the table is restarted: forms, and numbers of their records."""
        self.snapshot: Snapshot
        self._restart(0)

    def _restart(self, restarts: int) -> None:
        forms = FormTable(np.zeros(1 << 10, np.uint64), np.full(1 << 12, _NOTHING, np.uint32))
        known = FormFacts(np.zeros(512, np.uint8), np.zeros(513, np.int32), np.zeros(512, np.int32))
        self._end = 0
        self.snapshot = Snapshot(forms, known, 0, restarts)
        self._add(self._preloaded)
        self._full = self.snapshot.size + self._max_forms, self._end + MAX_CHARACTERS

    def learn(
        self, seen: Snapshot, text: str, words: Words, shouted: npt.NDArray[np.uint8]
    ) -> Snapshot | None:
        """Adds the words that the table lacks, and writes their numbers into `words`.

        None if the table was restarted since `seen`: then the words must be read again.
        """
        rows = words.unknown.reshape(-1, UNKNOWN_NUMBERS)
        meant: dict[tuple[str, int], int] = {}
        order = [
            meant.setdefault(
                (text[start:end].replace(".", "") if acronym else text[start:end], loud), len(meant)
            )
            for (_, start, end, _, acronym), loud in zip(
                rows.tolist(), shouted[rows[:, 3]].tolist(), strict=True
            )
        ]
        surfaces, are_loud = [form for form, _ in meant], [loud for _, loud in meant]
        found = work_out_forms(surfaces, are_loud, self._keys, self._language)
        with self._lock:
            forms, room = self._full
            if self.snapshot.size > forms or self._end > room:
                self._restart(self.snapshot.restarts + 1)
            if self.snapshot.restarts != seen.restarts:
                return None
            words.form[rows[:, 0]] = np.array(order, np.int32) + self.snapshot.size
            self._add(found)
            return self.snapshot

    def _add(self, new: PreloadedForms) -> None:
        """Writes forms beyond the count of the snapshot, then replaces the snapshot."""
        (slots, records), known, count, restarts = self.snapshot
        total = count + len(new.flags)
        sizes = new.lengths.astype(np.int64) + RECORD_HEAD
        record = self._end + np.cumsum(sizes) - sizes
        end = self._end + int(sizes.sum())
        records = _grown(records, end, _NOTHING)
        records[record] = np.arange(count, total)
        records[record + 1] = new.lengths
        records[record + 2] = new.shouted
        first = np.cumsum(new.lengths) - new.lengths
        place = np.repeat(record + RECORD_HEAD - first, new.lengths) + np.arange(
            len(new.characters)
        )
        records[place] = new.characters

        flags = _grown(known.flags, total)
        flags[count:total] = new.flags
        starts = _grown(known.keys_start, total + 1)
        keys = _grown(known.keys, int(starts[count]) + len(new.keys))
        keys[starts[count] : starts[count] + len(new.keys)] = new.keys
        starts[count + 1 : total + 1] = starts[count] + new.keys_start[1:]

        added = self._end
        if 4 * total > len(slots):
            slots = zeros(2 << (2 * total).bit_length(), np.uint64)
            added = 0
        forms = FormTable(slots, records)
        add_forms(forms, added, end, self._hashing)
        self._end = end
        self.snapshot = Snapshot(forms, FormFacts(flags, starts, keys), total, restarts)


def _grown(array: npt.NDArray[_Number], size: int, fill: int = 0) -> npt.NDArray[_Number]:
    """The array itself if it has room, else a larger copy; readers keep the old one."""
    if size <= len(array):
        return array
    larger = zeros(max(size, 2 * len(array)), array.dtype)
    larger[: len(array)] = array
    larger[len(array) :] = fill
    return larger
