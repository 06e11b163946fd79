"""Forms that a lemma must have because others that end alike have them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import nlargest

LEAST_LIKELY = 0.6
"""A form is taken if so large a share of the lemmas alike have it, without those of which it would
be a word that nobody writes."""
LEAST_LIKELY_ALONE = 0.7
"""The same where no form of a lemma says what others it has, but only how it ends."""
LEAST_LEMMAS = 12
"""So many such lemmas must have it."""
LEAST_SHARE = 1e-8
"""Least share of all words from which people write a word."""
CONTEXTS = 5
"""How many forms of a lemma, the most frequent, say what others it has."""
ENDINGS, ENDINGS_ALONE = (4, 3), (4, 3, 2)
"""Letters at the end of a lemma that tell lemmas apart."""
MAX_OFF = 4
"""Most letters at the end of a lemma that a form lacks."""
LEAST_KEPT = 2
"""Fewest letters that a form shares with its lemma."""

Change = tuple[int, str]
"""How many letters are taken off the lemma, and what is put there."""
Context = tuple[str, Change | None]
"""How a lemma ends, and a form that it is known to have."""


def completed(
    lemmas: Mapping[str, Iterable[str]], frequencies: Mapping[str, float]
) -> Iterator[tuple[str, str]]:
    """Pairs of a form and its lemma that no dictionary has."""
    known = _changes(lemmas)
    written = {
        lemma: frozenset(
            change for change in changes if _share(lemma, change, frequencies) >= LEAST_SHARE
        )
        for lemma, changes in known.items()
    }
    contexts = {
        lemma: [*_contexts(lemma, written[lemma], frequencies)]
        for lemma in known
        if written[lemma] or frequencies.get(lemma, 0.0) >= LEAST_SHARE
    }
    likely = _likely(contexts, known, frequencies)
    for lemma, found in contexts.items():
        for change in {change for context in found for change in likely.get(context, ())}:
            if change not in known[lemma] and _share(lemma, change, frequencies) >= LEAST_SHARE:
                yield _changed(lemma, change), lemma


def _changes(lemmas: Mapping[str, Iterable[str]]) -> dict[str, set[Change]]:
    found: defaultdict[str, set[Change]] = defaultdict(set)
    for form, known in lemmas.items():
        for lemma in known:
            changes = found[lemma]
            change = _change(lemma, form)
            if change is not None and form != lemma:
                changes.add(change)
    return found


def _contexts(
    lemma: str, written: Iterable[Change], frequencies: Mapping[str, float]
) -> Iterator[Context]:
    best = nlargest(
        CONTEXTS, written, key=lambda change: (_share(lemma, change, frequencies), change)
    )
    alone: list[Change | None] = [None]
    for size in ENDINGS if best else ENDINGS_ALONE:
        if len(lemma) > size:
            yield from ((lemma[-size:], change) for change in best or alone)


def _likely(
    contexts: Mapping[str, Iterable[Context]],
    known: Mapping[str, set[Change]],
    frequencies: Mapping[str, float],
) -> dict[Context, list[Change]]:
    """The changes of each context that most of its lemmas have, if they can."""
    together: defaultdict[Context, Counter[Change]] = defaultdict(Counter)
    for lemma, found in contexts.items():
        for size in ENDINGS_ALONE:
            together[lemma[-size:], None].update(known[lemma])
        for context in found:
            if context[1] is not None:
                together[context].update(known[lemma])
    often = {
        context: {change: count for change, count in counts.items() if count >= LEAST_LEMMAS}
        for context, counts in together.items()
    }
    possible: Counter[tuple[Context, Change]] = Counter()
    for lemma, found in contexts.items():
        alone: list[Context] = [(lemma[-size:], None) for size in ENDINGS_ALONE]
        for context in {*found, *alone}:
            for change in often.get(context, ()):
                written = _share(lemma, change, frequencies) >= LEAST_SHARE
                if written or change in known[lemma]:
                    possible[context, change] += 1
    return {
        context: [
            change
            for change, count in counts.items()
            if count
            >= possible[context, change]
            * (LEAST_LIKELY_ALONE if context[1] is None else LEAST_LIKELY)
        ]
        for context, counts in often.items()
    }


def _share(lemma: str, change: Change, frequencies: Mapping[str, float]) -> float:
    return frequencies.get(_changed(lemma, change), 0.0)


def _changed(lemma: str, change: Change) -> str:
    return lemma[: len(lemma) - change[0]] + change[1]


def _change(lemma: str, form: str) -> Change | None:
    kept = 0
    for one, other in zip(lemma, form, strict=False):
        if one != other:
            break
        kept += 1
    off = len(lemma) - kept
    return (off, form[kept:]) if kept >= LEAST_KEPT and off <= MAX_OFF else None
