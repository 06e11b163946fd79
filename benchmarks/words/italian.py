"""Italian pairs that spaCy's tables of Morph-it! have lost.

Each of those tables has one lemma a form, and no form that ends in an accented vowel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

_IRREGULAR = [("può", "potere"), ("è", "essere"), ("dà", "dare"), ("diè", "dare"), ("fé", "fare")]
_PLURALS = {
    "io": "i",
    "ca": "che",
    "ga": "ghe",
    "a": "e",
    "co": "chi",
    "go": "ghi",
    "o": "i",
    "e": "i",
}
"""What a noun ends in, and what its plural does; the longest counts."""
_PAST = {"are": ("ai", "ò"), "ere": ("ei", "é"), "ire": ("ii", "ì")}
"""Of an infinitive: how the first person of its past ends, and how the third does."""


def accented(verbs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The first and third person of the future, by the second, and the third of the past."""
    yield from _IRREGULAR
    for form, lemma in verbs:
        if form.endswith("rai"):
            yield form[:-2] + "ò", lemma
            yield form[:-2] + "à", lemma
        first, third = _PAST.get(lemma[-3:], ("", ""))
        if first and form == lemma[:-3] + first:
            yield lemma[:-3] + third, lemma


def second_lemmas(nouns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Plurals that are also a form of another noun: `vite` is the plural of `vita`, too."""
    for lemma in {*nouns.values()}:
        for size in (2, 1):
            ending = _PLURALS.get(lemma[-size:])
            if ending is not None:
                plural = lemma[:-size] + ending
                if nouns.get(plural, lemma) != lemma:
                    yield plural, lemma
                break


def is_spelt_as(form: str, verb: str) -> bool:
    """Whether a form may belong to a verb by its letters.

    Those in -care and -gare keep their sound, with an h before e and i: `giudici` are judges, and
    no form of `giudicare`, which has `giudichi`.
    """
    stem = verb[:-3]
    hardened = verb.endswith(("care", "gare")) and form.startswith(stem)
    return not hardened or form[len(stem) : len(stem) + 1] not in ("e", "i")
