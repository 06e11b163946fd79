"""Forms that a lemma must have because others that end alike and have its other forms have them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import nlargest

LEAST_LIKELY = 0.6
"""A form is taken if so large a share of such lemmas have it, and people write it."""
LEAST_LEMMAS = 12
"""So many such lemmas there must be."""
LEAST_SHARE = 1e-8
"""The form's least share of all words."""
CONTEXTS = 5
"""How many forms of a lemma, the most frequent, say what others it has."""
ENDING = 3
"""Letters at the end of a lemma that tell lemmas apart."""
MAX_OFF = 4
"""Most letters at the end of a lemma that a form lacks."""
LEAST_KEPT = 2

Change = tuple[int, str]
"""How many letters are taken off the lemma, and what is put there."""


def completed(
    lemmas: Mapping[str, Iterable[str]], frequencies: Mapping[str, float]
) -> Iterator[tuple[str, str]]:
    """Pairs of a form and its lemma that no dictionary has."""
    changes: defaultdict[str, dict[Change, float]] = defaultdict(dict)
    for form, found in lemmas.items():
        for lemma in found:
            change = _change(lemma, form)
            if change is not None and form != lemma:
                changes[lemma][change] = frequencies.get(form, 0.0)
    frequent = {lemma: each for lemma, each in changes.items() if any(each.values())}
    contexts: Counter[tuple[str, Change]] = Counter()
    together: defaultdict[tuple[str, Change], Counter[Change]] = defaultdict(Counter)
    for lemma, each in frequent.items():
        for known in nlargest(CONTEXTS, each, key=each.__getitem__):
            context = lemma[-ENDING:], known
            contexts[context] += 1
            together[context].update(each.keys())
    likely = {
        context: [
            change for change, often in together[context].items() if often >= LEAST_LIKELY * count
        ]
        for context, count in contexts.items()
        if count >= LEAST_LEMMAS
    }
    for lemma, each in frequent.items():
        for known in nlargest(CONTEXTS, each, key=each.__getitem__):
            for off, on in likely.get((lemma[-ENDING:], known), ()):
                form = lemma[: len(lemma) - off] + on
                if (off, on) not in each and frequencies.get(form, 0.0) >= LEAST_SHARE:
                    yield form, lemma


def _change(lemma: str, form: str) -> Change | None:
    kept = 0
    for one, other in zip(lemma, form, strict=False):
        if one != other:
            break
        kept += 1
    off = len(lemma) - kept
    return (off, form[kept:]) if kept >= LEAST_KEPT and off <= MAX_OFF else None
