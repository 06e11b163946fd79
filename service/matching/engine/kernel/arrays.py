"""The arrays that kernels work on, as named tuples; inside a kernel, tuples of pointers to them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.kernels import inner, pointer


class QueryArrays(NamedTuple):
    """A compiled set of queries. A unit is a key (what a word of a rule means) or a list."""

    lists_start: npt.NDArray[np.int32]
    """For each unit, and the end: where its entries in `lists` begin."""
    lists: npt.NDArray[np.int32]
    """The units of the lists that each unit belongs to, one unit after the other."""
    posting_start: npt.NDArray[np.int32]
    """For each unit, and the end: where its postings begin."""
    posting: npt.NDArray[np.int32]
    """For each posting: the second unit, which must occur too."""
    posting_rest: npt.NDArray[np.int32]
    """For each posting `opcodes.POSTING_NUMBERS` numbers: the query, with flags in its low bits;
    the start of its program; the units that are checked before."""
    list_code: npt.NDArray[np.int32]
    """For each named list: where its program begins."""
    code: npt.NDArray[np.int32]
    """All programs and operands, one after the other."""
    test_field: npt.NDArray[np.int32]
    """For each metadata test: its field, a number of `metadata.FIELDS`."""
    test_start: npt.NDArray[np.int32]
    """For each metadata test, and the end: where its characters begin."""
    test: npt.NDArray[np.int32]
    """The folded characters of all tests; `*` is `opcodes.ANY_CHARACTERS`."""


class FormFacts(NamedTuple):
    """What each form of the table means."""

    flags: npt.NDArray[np.uint8]
    """For each form: `opcodes.CAPITAL`, and the bits of `abbreviations.StopRole`."""
    keys_start: npt.NDArray[np.int32]
    """For each form, and the end: where its keys begin."""
    keys: npt.NDArray[np.int32]
    """The keys that each form means, one form after the other."""


class MetadataValues(NamedTuple):
    """The metadata of a batch: stretches of one text."""

    text: npt.NDArray[np.uint32]
    """Code points; the same array as the articles' text, which comes before."""
    start: npt.NDArray[np.int64]
    """Where each value begins in `text`; one more entry than values."""
    field: npt.NDArray[np.int64]
    """For each value: its field, a number of `metadata.FIELDS`."""
    of: npt.NDArray[np.int64]
    """For each article, and the end: its first value."""


class Scratch(NamedTuple):
    """Working space of one thread at a time. All of the first six, and `list_state`, are 0 between
    articles.
    """

    form_at: npt.NDArray[np.int32]
    """For each form of the table: one more than its place among the article's forms, or 0."""
    key_at: npt.NDArray[np.int32]
    """For each unit: one more than its place among the units that occur, or 0."""
    present: npt.NDArray[np.uint64]
    """One bit for each unit: whether it occurs."""
    tried: npt.NDArray[np.uint64]
    """One bit for each query: whether it was tried, if it has several postings."""
    holds: npt.NDArray[np.uint64]
    """One bit for each query: whether it holds."""
    holds_in: npt.NDArray[np.uint64]
    """One bit for each entry of `holds`: whether it is not 0."""
    list_state: npt.NDArray[np.uint8]
    """For each named list: 0 until its program was run, then `_TRUE` or `_FALSE` of `programs`."""
    touched: npt.NDArray[np.int32]
    """The units that occur, in the order of their places."""
    trying: npt.NDArray[np.int32]
    """The entries of `tried` that are not 0; some of them several times."""
    seen: npt.NDArray[np.int64]
    """For each unit: in how many articles it occurred; then how many articles there were. Never
    cleared."""
    callers: npt.NDArray[np.int32]
    """Stack of the lists that are run: for each its number and where its caller goes on."""
    counts: npt.NDArray[np.int32]
    """Stack of the counts that are open."""
    divided: npt.NDArray[np.uint8]
    """One entry: whether the article's sentences were numbered."""
    following: npt.NDArray[np.int32]
    """For each word of the batch: the next word of the same form, or -1."""
    forms: npt.NDArray[np.int32]
    """The article's forms that mean some key; an entry's index is the form's place."""
    first: npt.NDArray[np.int32]
    """For each place of a form: its first word."""
    last: npt.NDArray[np.int32]
    """For each place of a form: its last word so far."""
    form_zones: npt.NDArray[np.uint8]
    """For each place of a form: its zones as bits (1 title, 2 lead, 4 body)."""
    form_stretches: npt.NDArray[np.uint64]
    """For each place of a form: its stretches as bits (see `positions.stretch_of`)."""
    sentence: npt.NDArray[np.int32]
    """For each word of the article: the number of its sentence (`sentences.number_sentences`)."""
    paragraph: npt.NDArray[np.int32]
    """For each word of the article: the number of its paragraph."""
    head: npt.NDArray[np.int32]
    """For each place of a key: its first link, or -1."""
    key_zones: npt.NDArray[np.uint8]
    """For each place of a key: the zones of all its forms."""
    key_stretches: npt.NDArray[np.uint64]
    """For each place of a key: the stretches of all its forms."""
    link_form: npt.NDArray[np.int32]
    """For each link: the place of a form that means the key."""
    link_next: npt.NDArray[np.int32]
    """For each link: the next link of the same key, or -1."""
    found: npt.NDArray[np.int64]
    """The numbers of the queries that hold, article after article; while an article is matched,
    its candidates behind them."""


@inner
def query_pointers(query_arrays):
    return QueryArrays(
        pointer(query_arrays.lists_start),
        pointer(query_arrays.lists),
        pointer(query_arrays.posting_start),
        pointer(query_arrays.posting),
        pointer(query_arrays.posting_rest),
        pointer(query_arrays.list_code),
        pointer(query_arrays.code),
        pointer(query_arrays.test_field),
        pointer(query_arrays.test_start),
        pointer(query_arrays.test),
    )


@inner
def metadata_pointers(metadata):
    return MetadataValues(
        pointer(metadata.text),
        pointer(metadata.start),
        pointer(metadata.field),
        pointer(metadata.of),
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
