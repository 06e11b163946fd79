"""Queries on the words of a batch of articles: which of them hold.

Every query is indexed under its rarest words, each with a second word that it requires too. Where
both occur, a few more words are checked. What remains of the query is run as a small program (see
`opcodes`). The package's docstring has a picture of the arrays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba.cpython.unsafe.numbers import trailing_zeros

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
from service.matching.engine.kernel.positions import ArticleWords, stretch_of
from service.matching.engine.kernel.programs import occurs, run, words_only
from service.matching.engine.kernel.scan import Words
from service.matching.kernels import compiled, inner, pointer, prefetch

PREFETCH_STEPS = 8
"""Memory is asked for so many steps of a loop before it is needed."""
_SIX, _LOW_SIX, _ONE = np.int32(6), np.int32(63), np.uint64(1)


@inner
def _link_forms(form, keys_start, title, lead, body, end, scratch):
    """Links the words of each form that means some key.

    `title`, `lead`, `body` and `end` are numbers of words: where the zones begin, and the last one
    ends. Returns how many different forms there are, and how many keys they have together.
    """
    form_at, forms, following = scratch.form_at, scratch.forms, scratch.following
    first, last, zones = scratch.first, scratch.last, scratch.form_zones
    stretches = scratch.form_stretches
    distinct = 0
    keys = 0
    for word in range(title, end):
        if word + PREFETCH_STEPS < end:
            prefetch(keys_start, np.int64(form[word + PREFETCH_STEPS]))
            prefetch(form_at, np.int64(form[word + PREFETCH_STEPS]))
        bit = np.uint8(1 if word < lead else 2 if word < body else 4)
        stretch = stretch_of(word - title)
        number = form[word]
        following[word] = -1
        meant = keys_start[number + 1] - keys_start[number]
        if meant == 0:
            continue
        place = form_at[number] - 1
        if place < 0:
            forms[distinct] = number
            first[distinct] = word
            last[distinct] = word
            zones[distinct] = bit
            stretches[distinct] = stretch
            distinct += 1
            form_at[number] = distinct
            keys += meant
        else:
            following[last[place]] = word
            last[place] = word
            zones[place] |= bit
            stretches[place] |= stretch
    for place in range(distinct):
        form_at[forms[place]] = 0
    return distinct, keys


@inner
def _note_unit(unit, units, scratch):
    """Notes that a unit occurs."""
    scratch.touched[units] = unit
    scratch.key_at[unit] = units + 1
    scratch.present[unit >> _SIX] |= _ONE << np.uint64(unit & _LOW_SIX)
    scratch.seen[unit] += 1


@inner
def _note_units(distinct, keys_start, keys, filed, listed, scratch):
    """Notes which units occur: the keys of `distinct` forms and, if `listed`, their lists.

    Returns how many units occur.
    """
    key_at, head, zones = scratch.key_at, scratch.head, scratch.key_zones
    stretches = scratch.key_stretches
    link_form, link_next = scratch.link_form, scratch.link_next
    links = 0
    for place in range(distinct):
        if place + PREFETCH_STEPS < distinct:
            prefetch(keys, np.int64(keys_start[scratch.forms[place + PREFETCH_STEPS]]))
        number = scratch.forms[place]
        for each in range(keys_start[number], keys_start[number + 1]):
            link_form[links] = place
            link_next[links] = keys[each]  # the key, until it is linked
            links += 1
    units = 0
    for link in range(links):
        if link + PREFETCH_STEPS < links:
            later = np.int64(link_next[link + PREFETCH_STEPS])
            prefetch(key_at, later)
            prefetch(scratch.seen, later)
            prefetch(filed.posting_start, later)
        key = link_next[link]
        at = key_at[key] - 1
        if at < 0:
            at = units
            head[at] = -1
            zones[at] = 0
            stretches[at] = 0
            _note_unit(key, units, scratch)
            units += 1
        link_next[link] = head[at]
        head[at] = link
        zones[at] |= scratch.form_zones[link_form[link]]
        stretches[at] |= scratch.form_stretches[link_form[link]]
    place = 0 if listed else units
    while place < units:  # `units` grows, because a list may belong to another list
        member = scratch.touched[place]
        place += 1
        for each in range(filed.lists_start[member], filed.lists_start[member + 1]):
            if key_at[filed.lists[each]] == 0:
                _note_unit(filed.lists[each], units, scratch)
                units += 1
    return units


@inner
def _find_candidates(units, filed, scratch, matches, room):
    """Writes the candidates, rows of `posting_rest`, into `found` behind `matches` matches.

    A candidate is a posting whose second unit occurs and whose checked units allow that the query
    holds. Returns where they end. If `room`, the length of `found`, may not be enough, writes
    nothing and returns how much is enough.
    """
    posting, posting_start, touched = filed.posting, filed.posting_start, scratch.touched
    present, found, rest = scratch.present, scratch.found, filed.posting_rest
    after = matches
    for place in range(units):
        after += posting_start[touched[place] + 1] - posting_start[touched[place]]
    if after >= room:
        return after + 1
    after = matches
    for place in range(units):
        if place + PREFETCH_STEPS < units:
            prefetch(posting, np.int64(posting_start[touched[place + PREFETCH_STEPS]]))
        unit = touched[place]
        for at in range(posting_start[unit], posting_start[unit + 1]):
            # The posting is written in any case, and the end moves on if its unit occurs: a branch
            # here would be predicted wrongly too often.
            found[after] = at
            prefetch(rest, np.int64(op.POSTING_NUMBERS * at))
            after += occurs(present, posting[at])
    low, high = matches, after
    after = matches
    for place in range(low, high):
        row = op.POSTING_NUMBERS * found[place]
        found[after] = row
        prefetch(filed.code, np.int64(rest[row + 1]))
        after += _passes_check(present, rest, row)
    return after


@inner
def _passes_check(present, rest, row):
    """Whether the checked units of a posting's row allow that its query holds; has no branch."""
    some = False
    for each in range(row + 2, row + op.POSTING_NUMBERS):
        some |= occurs(present, rest[each])
    return some ^ (rest[row] & op.NONE_OCCURS != 0)


@inner
def _find_matches(article, first, last, filed, values, scratch, places):
    """Replaces the candidates `found[first:last]` by the numbers of the queries that hold, sorted.

    A candidate is a row of `posting_rest`: [number and flags, program, checked units …]. Query n is
    bit n % 64 of `holds[n // 64]`, and entry w of `holds` is bit w % 64 of `holds_in[w // 64]`.
    Returns the end of the numbers in `found`.
    """
    code, rest = filed.code, filed.posting_rest
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
                value = run(step, value, article, filed, values, places, scratch)
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
    filed: QueryArrays,
    values: MetadataValues,
    scratch: Scratch,
    found_start: npt.NDArray[np.int64],
    article: int,
) -> tuple[int, int, int]:
    """Writes the numbers of the queries that hold into `scratch.found`, from `article` on.

    Args:
        words: those of the batch, three zones an article.
        known: what the forms of `words` mean.
        filed: the queries.
        values: the articles' metadata.
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
    counted, listed = len(scratch.seen) - 1, len(filed.lists) > 0
    keys_start, keys = pointer(known.keys_start), pointer(known.keys)
    form, gap, flags = pointer(words.form), pointer(words.gap), pointer(known.flags)
    bounds = words.zone_start
    rules, facts, space = (
        query_pointers(filed),
        metadata_pointers(values),
        scratch_pointers(scratch),
    )
    while article < articles:
        title, lead = bounds[3 * article], bounds[3 * article + 1]
        body, end = bounds[3 * article + 2], bounds[3 * article + 3]
        distinct, needed = _link_forms(form, keys_start, title, lead, body, end, space)
        if needed > links:
            return article, needed, 0
        units = _note_units(distinct, keys_start, keys, rules, listed, space)
        places = ArticleWords(
            space.key_at, space.head, space.link_form, space.link_next, space.first,
            space.following, space.key_stretches, form, gap, flags, keys_start, keys, title, lead,
            body, end, space.sentence, space.paragraph,
        )  # fmt: skip
        space.divided[0] = 0
        matches = found_start[article]
        after = _find_candidates(units, rules, space, matches, room)
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
