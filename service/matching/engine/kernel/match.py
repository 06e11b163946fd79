"""Queries on the words of a batch of articles: which of them hold.

Every query is indexed under its rarest words, each with a second word that it requires too. Where
both occur, a few more words are checked. What remains of the query is run as a small program (see
`opcodes`). The package's docstring has a picture of the arrays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.matching.engine import opcodes as op
from service.matching.engine.kernel.arrays import (
    FormFacts,
    MetadataValues,
    QueryArrays,
    Scratch,
    metadata_pointers,
    query_pointers,
    scratch_pointers,
)
from service.matching.engine.kernel.candidates import find_candidates
from service.matching.engine.kernel.positions import ArticleWords
from service.matching.engine.kernel.programs import run, words_only
from service.matching.engine.kernel.scan import Words
from service.matching.engine.kernel.units import link_forms, note_units
from service.matching.kernels import compiled, inner, pointer, trailing_zeros

_SIX, _LOW_SIX, _ONE = np.int32(6), np.int32(63), np.uint64(1)


@inner
def _find_matches(article, first, last, query_arrays, metadata, scratch, places):
    """Replaces the candidates `found[first:last]` by the numbers of the queries that hold, sorted.

    A candidate is a row of `posting_rest`: [number and flags, program, checked units …]. Query n is
    bit n % 64 of `holds[n // 64]`, and entry w of `holds` is bit w % 64 of `holds_in[w // 64]`.
    Returns the end of the numbers in `found`.
    """
    code, rest = query_arrays.code, query_arrays.posting_rest
    present, tried, found = scratch.present, scratch.tried, scratch.found
    holds, holds_in = scratch.holds, scratch.holds_in
    low, high = np.int64(0x7FFFFFFF), np.int64(-1)
    trying = 0
    for at in range(first, last):
        row = found[at]
        said = rest[row]
        query = np.int64(said >> op.QUERY_SHIFT)
        word, bit = query >> 6, _ONE << np.uint64(query & 63)
        if said & op.NEEDS_MARK:
            if tried[word] & bit:
                continue
            tried[word] |= bit
            scratch.trying[trying] = word
            trying += 1
        if said & op.NEEDS_PROGRAM:
            step, value = words_only(code, np.int64(rest[row + 1]), present)
            if code[step] != op.END:
                value = run(step, value, article, query_arrays, metadata, places, scratch)
            if not value:
                continue
        holds[word] |= bit
        holds_in[word >> 6] |= _ONE << np.uint64(word & 63)
        low, high = min(low, word >> 6), max(high, word >> 6)
    for place in range(trying):
        tried[scratch.trying[place]] = 0
    matches = first
    for block in range(low, high + 1):
        words = holds_in[block]
        holds_in[block] = 0
        while words:
            word = np.int64(64 * block + np.int64(trailing_zeros(words)))
            words &= words - _ONE
            queries = holds[word]
            holds[word] = 0
            while queries:
                found[matches] = 64 * word + np.int64(trailing_zeros(queries))
                queries &= queries - _ONE
                matches += 1
    return matches


@inner
def _clear(units, lists, scratch):
    for place in range(units):
        unit = scratch.touched[place]
        scratch.key_at[unit] = 0
        scratch.present[unit >> _SIX] = 0
    for place in range(lists):
        scratch.list_state[place] = 0


@compiled
def match(
    words: Words,
    known: FormFacts,
    query_arrays: QueryArrays,
    metadata: MetadataValues,
    scratch: Scratch,
    found_start: npt.NDArray[np.int64],
    article: int,
) -> tuple[int, int, int]:
    """Writes the numbers of the queries that hold into `scratch.found`, from `article` on.

    Args:
        words: those of the batch, three zones an article.
        known: what the forms of `words` mean.
        query_arrays: the queries.
        metadata: the articles' metadata.
        scratch: working space; `found` holds the matches of the articles before `article`.
        found_start: int64[articles + 1]; entry a is where the matches of article a begin in
            `found`, and the last entry where all end. Entries up to `article` are read, those
            after it are written.
        article: the first article to match.

    Returns (articles, 0, 0) when all are done. Otherwise the article that has too little working
    space, and how many links or how many places in `found` it needs; call again with more.
    """
    articles = len(found_start) - 1
    links, room, lists = len(scratch.head), len(scratch.found), len(scratch.list_state)
    counted, listed = len(scratch.seen) - 1, len(query_arrays.lists) > 0
    keys_start, keys = pointer(known.keys_start), pointer(known.keys)
    form, gap, flags = pointer(words.form), pointer(words.gap), pointer(known.flags)
    bounds = words.zone_start
    rules, facts, space = (
        query_pointers(query_arrays),
        metadata_pointers(metadata),
        scratch_pointers(scratch),
    )
    while article < articles:
        title, lead = bounds[3 * article], bounds[3 * article + 1]
        body, end = bounds[3 * article + 2], bounds[3 * article + 3]
        distinct, needed = link_forms(form, keys_start, title, lead, body, end, space)
        if needed > links:
            return article, needed, 0
        units = note_units(distinct, keys_start, keys, rules, listed, space)
        places = ArticleWords(
            space.key_at, space.head, space.link_form, space.link_next, space.first,
            space.following, space.key_stretches, form, gap, flags, keys_start, keys, title, lead,
            body, end, space.sentence, space.paragraph,
        )  # fmt: skip
        space.divided[0] = 0
        matches = found_start[article]
        after = find_candidates(units, rules, space, matches, room)
        if after > room:
            for place in range(units):  # the next call counts these units again
                space.seen[space.touched[place]] -= 1
            _clear(units, lists, space)
            return article, 0, after
        after = _find_matches(article, matches, after, rules, facts, space, places)
        _clear(units, lists, space)
        article += 1
        found_start[article] = after
        space.seen[counted] += 1
    return articles, 0, 0
