"""The units that occur in an article: its words → forms → keys → lists."""

from __future__ import annotations

import numpy as np

from service.matching.engine.kernel.positions import stretch_of
from service.matching.kernels import inner, prefetch

PREFETCH_STEPS = 8
"""Memory is asked for so many steps of a loop before it is needed."""
_SIX, _LOW_SIX, _ONE = np.int32(6), np.int32(63), np.uint64(1)


@inner
def link_forms(form, keys_start, title, lead, body, end, scratch):
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
def note_units(distinct, keys_start, keys, query_arrays, listed, scratch):
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
            prefetch(query_arrays.posting_start, later)
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
        for each in range(query_arrays.lists_start[member], query_arrays.lists_start[member + 1]):
            if key_at[query_arrays.lists[each]] == 0:
                _note_unit(query_arrays.lists[each], units, scratch)
                units += 1
    return units
