"""The mentions that are shown as evidence, chosen by the rules of `evaluation.evidence`."""

from __future__ import annotations

import numpy as np

from service.matching.engine.kernel.positions import FIRST_SHIFT, LAST_MASK, sort_in_place, zone_of
from service.matching.engine.kernel.scores.arrays import OVERFLOW, TERMS
from service.matching.evaluation.evidence import MAX_SENTENCE_CHARS
from service.matching.kernels import inner

SHOWN_NUMBERS = 7
"""Numbers of a piece of evidence before those of its terms: its term, its zone, its first and last
word in the article, its first character in the batch's text and the one after its last, how many
terms it has. A term is the number of one that occurs."""

_TERM_BITS, _LENGTH_MASK = 16, 0xFFFF
_TERM_MASK = 0xFFFF


@inner
def write_evidence(limit, places, placed, space, sentences, width, numbers, at):
    """Writes the evidence from `numbers[at]` on: how many pieces, then these; returns its end."""
    terms = space.registers[TERMS]
    together = np.zeros(sentences + 1, np.int64)
    best = _best_mentions(terms, together, places, space)
    found = _nearby(limit, terms, together, best, places, space, sentences, width)
    sort_in_place(found, len(found))
    # Each stretch: where it begins in `found` and where it ends.
    bounds = np.empty(len(found) + 1, np.int64)
    ranked = np.empty(len(found), np.int64)
    needed = np.zeros(len(found), np.bool_)
    bounds[0] = 0
    stretches = 0
    last = np.int64(-1)
    for place in range(len(found)):
        first, end, term = _unpacked(found[place])
        if place > 0 and first > last:
            bounds[stretches + 1] = place
            stretches += 1
        last = max(last, end)
    if len(found):
        bounds[stretches + 1] = len(found)
        stretches += 1
    spare = limit
    for each in range(stretches):
        most = np.int64(0)
        for place in range(bounds[each], bounds[each + 1]):
            first, end, term = _unpacked(found[place])
            most = max(most, together[places.sentence[first - places.title]])
            needed[each] |= best[term] == first
        spare -= needed[each]
        ranked[each] = -most << FIRST_SHIFT | each
    sort_in_place(ranked, stretches)
    count = at
    numbers[count] = 0
    at += 1
    for place in range(stretches):
        each = ranked[place] & LAST_MASK
        if needed[each] or spare > 0:
            spare -= not needed[each]
            low, high = bounds[each], bounds[each + 1]
            at = _write_stretch(found, low, high, places, placed, space, numbers, at)
            numbers[count] += 1
    return at


@inner
def _unpacked(entry):
    """The first word, the last word and the term of a mention, as `_nearby` packs them."""
    first = entry >> FIRST_SHIFT
    return first, first + _LENGTH_MASK - (entry >> _TERM_BITS & _LENGTH_MASK), entry & _TERM_MASK


@inner
def _best_mentions(terms, together, places, space):
    """Counts the terms of each sentence in `together`; returns the first word of each term's best
    mention: the first one in a sentence with the most terms.
    """
    seen = np.zeros(len(together), np.int64)
    for term in range(terms):
        for at in range(space.term_start[term], space.term_start[term + 1]):
            sentence = places.sentence[(space.mentions[at] >> FIRST_SHIFT) - places.title]
            if seen[sentence] != term + 1:
                seen[sentence] = term + 1
                together[sentence] += 1
    best = np.empty(terms, np.int64)
    for term in range(terms):
        most = np.int64(0)
        for at in range(space.term_start[term], space.term_start[term + 1]):
            first = space.mentions[at] >> FIRST_SHIFT
            sentence = places.sentence[first - places.title]
            if together[sentence] > most:
                most = together[sentence]
                best[term] = first
    return best


@inner
def _nearby(limit, terms, together, best, places, space, sentences, width):
    """The mentions in the paragraphs that evidence is taken from, packed so that sorting puts them
    into reading order, of two that begin alike the longer first, and equal ones by their term.
    """
    distinct = 0
    for sentence in range(1, sentences + 1):
        distinct += together[sentence] > 0
    wanted = np.zeros(width + 2, np.bool_)
    if distinct > limit:
        _want_sentences(limit, terms, together, best, places, wanted, sentences)
        for at in range(space.term_start[terms]):
            word = (space.mentions[at] >> FIRST_SHIFT) - places.title
            if wanted[places.sentence[word]]:
                wanted[sentences + 1 + places.paragraph[word]] = True
    found = np.empty(space.term_start[terms], np.int64)
    count = 0
    for term in range(terms):
        for at in range(space.term_start[term], space.term_start[term + 1]):
            first, last = space.mentions[at] >> FIRST_SHIFT, space.mentions[at] & LAST_MASK
            paragraph = places.paragraph[first - places.title]
            if distinct <= limit or wanted[sentences + 1 + paragraph]:
                length = _LENGTH_MASK - (last - first)
                found[count] = first << FIRST_SHIFT | length << _TERM_BITS | term
                count += 1
    return found[:count]


@inner
def _want_sentences(limit, terms, together, best, places, wanted, sentences):
    """Marks the sentences of the best mentions and, with few terms, those with the most terms."""
    for term in range(terms):
        wanted[places.sentence[best[term] - places.title]] = True
    if terms >= limit:
        return
    order = np.empty(sentences, np.int64)
    count = 0
    for sentence in range(1, sentences + 1):
        if together[sentence]:
            order[count] = -together[sentence] << FIRST_SHIFT | sentence
            count += 1
    sort_in_place(order, count)
    for place in range(min(limit, count)):
        wanted[order[place] & LAST_MASK] = True


@inner
def _write_stretch(found, low, high, places, placed, space, numbers, at):
    """Writes one piece of evidence from `numbers[at]` on; returns its end."""
    first, last, term = _unpacked(found[low])
    longest = np.int64(-1)
    begin = placed.start[first]
    stop = placed.end[last]
    main = term
    for place in range(low, high):
        here, end, each = _unpacked(found[place])
        length = placed.end[end] - placed.start[here]
        if length > longest or (length == longest and each < main):
            longest = length
            main = each
        last = max(last, end)
        stop = max(stop, placed.end[end])
    if high - low > 1 and stop - begin > MAX_SENTENCE_CHARS:
        space.registers[OVERFLOW] = 1
    numbers[at] = main
    numbers[at + 1] = zone_of(places, first)
    numbers[at + 2] = first - places.title
    numbers[at + 3] = last - places.title
    numbers[at + 4] = begin
    numbers[at + 5] = stop
    head = at + 6
    numbers[head] = 0
    at += SHOWN_NUMBERS
    # Its terms, each once and in order: there are few.
    for place in range(low, high):
        _, _, each = _unpacked(found[place])
        slot = at
        while slot > head + 1 and numbers[slot - 1] > each:
            slot -= 1
        if slot > head + 1 and numbers[slot - 1] == each:
            continue
        for moved in range(at, slot, -1):
            numbers[moved] = numbers[moved - 1]
        numbers[slot] = each
        at += 1
        numbers[head] += 1
    return at
