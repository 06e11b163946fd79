"""Rules on the words of a batch of articles: which queries hold.

Every query waits under its rarest words beside another one that it also needs; where both occur, a
few more are checked, and then what is left of it is run as a small program (see `opcodes`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba.cpython.unsafe.numbers import trailing_zeros

from service.matching.engine import opcodes as op
from service.matching.engine.kernel.arrays import (
    Filed,
    Known,
    Scratch,
    Values,
    filed_pointers,
    scratch_pointers,
    values_pointers,
)
from service.matching.engine.kernel.positions import Places, stretch_of
from service.matching.engine.kernel.programs import occurs, run, words_only
from service.matching.engine.kernel.scan import Words
from service.matching.kernels import compiled, inner, pointer, prefetch

AHEAD = 8
"""How many steps before it is needed memory is asked for."""
_SIX, _LOW_SIX, _ONE = np.int32(6), np.int32(63), np.uint64(1)


@inner
def _occurring(form, keys_start, title, lead, body, end, scratch):
    """Links the words of each form that means something; how many forms, and how many keys."""
    form_at, forms, following = scratch.form_at, scratch.forms, scratch.following
    first, last, zones = scratch.first, scratch.last, scratch.form_zones
    stretches = scratch.form_stretches
    distinct = 0
    keys = 0
    for word in range(title, end):
        if word + AHEAD < end:
            prefetch(keys_start, np.int64(form[word + AHEAD]))
            prefetch(form_at, np.int64(form[word + AHEAD]))
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
def _note(unit, units, scratch):
    """Notes that a unit occurs."""
    scratch.touched[units] = unit
    scratch.key_at[unit] = units + 1
    scratch.present[unit >> _SIX] |= _ONE << np.uint64(unit & _LOW_SIX)
    scratch.seen[unit] += 1


@inner
def _meant(distinct, keys_start, keys, filed, listed, scratch):
    """Notes which units occur, the keys of the forms and the lists of those; how many."""
    key_at, head, zones = scratch.key_at, scratch.head, scratch.key_zones
    stretches = scratch.key_stretches
    link_form, link_next = scratch.link_form, scratch.link_next
    links = 0
    for place in range(distinct):
        if place + AHEAD < distinct:
            prefetch(keys, np.int64(keys_start[scratch.forms[place + AHEAD]]))
        number = scratch.forms[place]
        for each in range(keys_start[number], keys_start[number + 1]):
            link_form[links] = place
            link_next[links] = keys[each]  # the key, until it is linked
            links += 1
    units = 0
    for link in range(links):
        if link + AHEAD < links:
            later = np.int64(link_next[link + AHEAD])
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
            _note(key, units, scratch)
            units += 1
        link_next[link] = head[at]
        head[at] = link
        zones[at] |= scratch.form_zones[link_form[link]]
        stretches[at] |= scratch.form_stretches[link_form[link]]
    place = 0 if listed else units
    while place < units:  # which grows: a list may belong to another
        member = scratch.touched[place]
        place += 1
        for each in range(filed.lists_start[member], filed.lists_start[member + 1]):
            if key_at[filed.lists[each]] == 0:
                _note(filed.lists[each], units, scratch)
                units += 1
    return units


@inner
def _candidates(units, filed, scratch, matches, room):
    """Puts the postings whose words all occur behind the matches; gives where they end.

    Where there may be too little room, gives how much is enough and does no more. What lies far
    apart in memory is asked for some steps before it is needed.
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
        if place + AHEAD < units:
            prefetch(posting, np.int64(posting_start[touched[place + AHEAD]]))
        unit = touched[place]
        for at in range(posting_start[unit], posting_start[unit + 1]):
            # Written in any case and kept in some: to guess which would go wrong too often.
            found[after] = at
            prefetch(rest, np.int64(op.REST * at))
            after += occurs(present, posting[at])
    low, high = matches, after
    after = matches
    for place in range(low, high):
        row = op.REST * found[place]
        found[after] = row
        prefetch(filed.code, np.int64(rest[row + 1]))
        after += _checked(present, rest, row)
    return after


@inner
def _checked(present, rest, row):
    """Whether the units of a posting's row allow that its query holds, without a guess."""
    some = False
    for each in range(row + 2, row + op.REST):
        some |= occurs(present, rest[each])
    return some ^ (rest[row] & op.NONE_OCCURS != 0)


@inner
def _holding(article, first, last, filed, values, scratch, places):
    """Leaves of the candidates from `first` to `last` the queries that hold, in their order.

    Gives where they end. A query is one bit of `holds`, and each of its words one of `holds_in`.
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
    known: Known,
    filed: Filed,
    values: Values,
    scratch: Scratch,
    found_start: npt.NDArray[np.int64],
    article: int,
) -> tuple[int, int, int]:
    """The queries that hold into `scratch.found`, from `article` on, sorted for each article.

    `words` are those of three zones an article. Where each article's matches begin goes into
    `found_start`, which has one more entry than there are articles. Gives the article that could
    not be done, and how many links and how much room for matches it needs; else their number.
    """
    articles = len(found_start) - 1
    links, room, lists = len(scratch.head), len(scratch.found), len(scratch.list_state)
    counted, listed = len(scratch.seen) - 1, len(filed.lists) > 0
    keys_start, keys = pointer(known.keys_start), pointer(known.keys)
    form, gap, flags = pointer(words.form), pointer(words.gap), pointer(known.flags)
    bounds = words.zone_start
    rules, facts, space = filed_pointers(filed), values_pointers(values), scratch_pointers(scratch)
    while article < articles:
        title, lead = bounds[3 * article], bounds[3 * article + 1]
        body, end = bounds[3 * article + 2], bounds[3 * article + 3]
        distinct, needed = _occurring(form, keys_start, title, lead, body, end, space)
        if needed > links:
            return article, needed, 0
        units = _meant(distinct, keys_start, keys, rules, listed, space)
        places = Places(
            space.key_at, space.head, space.link_form, space.link_next, space.first,
            space.following, space.key_stretches, form, gap, flags, keys_start, keys, title, lead,
            body, end, space.sentence, space.paragraph,
        )  # fmt: skip
        space.divided[0] = 0
        matches = found_start[article]
        after = _candidates(units, rules, space, matches, room)
        if after > room:
            for place in range(units):  # it will be noted again that they occur
                space.seen[space.touched[place]] -= 1
            _clear(units, lists, space)
            return article, 0, after
        after = _holding(article, matches, after, rules, facts, space, places)
        _clear(units, lists, space)
        article += 1
        found_start[article] = after
        space.seen[counted] += 1
    return articles, 0, 0
