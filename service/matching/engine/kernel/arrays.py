"""What goes into the kernels: tuples of arrays; inside of them, tuples of pointers to those."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.kernels import inner, pointer


class Filed(NamedTuple):
    """A compiled set of queries. A unit is a key (a word as rules mean it) or a list of such."""

    lists_start: npt.NDArray[np.int32]
    lists: npt.NDArray[np.int32]
    """The lists that each unit belongs to."""
    posting_start: npt.NDArray[np.int32]
    posting: npt.NDArray[np.int32]
    """For each unit's postings a second unit that must occur."""
    posting_rest: npt.NDArray[np.int32]
    """For each posting a row of `opcodes.REST` numbers: the query, with what its posting says of it
    in low bits; where its program begins; the units that are checked before."""
    list_code: npt.NDArray[np.int32]
    code: npt.NDArray[np.int32]
    test_field: npt.NDArray[np.int32]
    test_start: npt.NDArray[np.int32]
    test: npt.NDArray[np.int32]
    """The field and the folded characters of each metadata test, `opcodes.ANY` for `*`."""


class Known(NamedTuple):
    """What is known of each form of the table."""

    flags: npt.NDArray[np.uint8]
    keys_start: npt.NDArray[np.int32]
    keys: npt.NDArray[np.int32]


class Values(NamedTuple):
    """The metadata of a batch: stretches of one text."""

    text: npt.NDArray[np.uint32]
    start: npt.NDArray[np.int64]
    """Where each value begins in `text`; one more entry than values."""
    field: npt.NDArray[np.int64]
    of: npt.NDArray[np.int64]
    """The first value of each article; one more entry than articles."""


class Scratch(NamedTuple):
    """Working space of one thread, which is never shared."""

    form_at: npt.NDArray[np.int32]
    """For each form of the table: one more than its place in the article, or 0."""
    key_at: npt.NDArray[np.int32]
    """For each unit: one more than its place in the article, or 0."""
    present: npt.NDArray[np.uint64]
    """The same as bits."""
    tried: npt.NDArray[np.uint64]
    holds: npt.NDArray[np.uint64]
    """Bits of the queries that were looked at, and of those that hold."""
    holds_in: npt.NDArray[np.uint64]
    """Bits of the entries of `holds` that are not 0. All these, and the next, are 0 between
    articles."""
    list_state: npt.NDArray[np.uint8]
    touched: npt.NDArray[np.int32]
    """The units that occur."""
    trying: npt.NDArray[np.int32]
    """The entries of `tried` that are not 0, some of them again."""
    seen: npt.NDArray[np.int64]
    """In how many articles each unit has occurred, then how many there were; never cleared."""
    callers: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    """The stacks of programs."""
    divided: npt.NDArray[np.uint8]
    """Of one entry: whether the article's sentences are known."""
    following: npt.NDArray[np.int32]
    """For each word of the batch the next of the same form, or -1."""
    forms: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    form_zones: npt.NDArray[np.uint8]
    form_stretches: npt.NDArray[np.uint64]
    """The forms that occur in the article, their first and last words, zones as bits, and
    stretches (see `positions.stretch_of`)."""
    sentence: npt.NDArray[np.int32]
    paragraph: npt.NDArray[np.int32]
    """For each word of the article, see `positions.divide`."""
    head: npt.NDArray[np.int32]
    key_zones: npt.NDArray[np.uint8]
    key_stretches: npt.NDArray[np.uint64]
    """For each key of the article its first link, its zones as bits, and its stretches."""
    link_form: npt.NDArray[np.int32]
    link_next: npt.NDArray[np.int32]
    """The forms of each key, as linked lists."""
    found: npt.NDArray[np.int64]
    """The queries that hold, article after article."""


@inner
def filed_pointers(filed):
    return Filed(
        pointer(filed.lists_start),
        pointer(filed.lists),
        pointer(filed.posting_start),
        pointer(filed.posting),
        pointer(filed.posting_rest),
        pointer(filed.list_code),
        pointer(filed.code),
        pointer(filed.test_field),
        pointer(filed.test_start),
        pointer(filed.test),
    )


@inner
def values_pointers(values):
    return Values(
        pointer(values.text), pointer(values.start), pointer(values.field), pointer(values.of)
    )


@inner
def scratch_pointers(scratch):
    return Scratch(
        pointer(scratch.form_at),
        pointer(scratch.key_at),
        pointer(scratch.present),
        pointer(scratch.tried),
        pointer(scratch.holds),
        pointer(scratch.holds_in),
        pointer(scratch.list_state),
        pointer(scratch.touched),
        pointer(scratch.trying),
        pointer(scratch.seen),
        pointer(scratch.callers),
        pointer(scratch.counts),
        pointer(scratch.divided),
        pointer(scratch.following),
        pointer(scratch.forms),
        pointer(scratch.first),
        pointer(scratch.last),
        pointer(scratch.form_zones),
        pointer(scratch.form_stretches),
        pointer(scratch.sentence),
        pointer(scratch.paragraph),
        pointer(scratch.head),
        pointer(scratch.key_zones),
        pointer(scratch.key_stretches),
        pointer(scratch.link_form),
        pointer(scratch.link_next),
        pointer(scratch.found),
    )
