"""The dictionaries that the tables of word forms are made of: pairs of a form and its lemma.

Each is a package of the group `tables` in pyproject.toml; NOTICE beside the tables says whose they
are.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import simplemma.strategies as simple
import wordfreq
from simplemma import Lemmatizer
from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

from benchmarks.words import italian

Pair = tuple[str, str]

LANGUAGES = sorted(SUPPORTED_LANGUAGES)
ALONE = frozenset({"it", "pl", "ru"})
"""Languages of which one dictionary is taken, as its terms do not mix with those of simplemma."""
NOT_ONE = frozenset({("tonne", "ton"), ("tonnes", "tons")})
"""British and American words that are not the same thing."""
IRREGULAR = {
    "en": "people person, peoples person, programmed program, programming program",
    "de": "gedacht denken, fällt fallen, fällst fallen, gefahren fahren, gebraucht brauchen, "
    "geboten bieten, gerannt rennen, erschossen erschießen, verschossen verschießen",
    "es": "muerto morir, muerta morir, muertos morir, muertas morir, dicho decir, hecho hacer, "
    "hechos hacer, visto ver, puesto poner, abierto abrir, escrito escribir, roto romper, "
    "muestra mostrar, prueba probar, pruebas probar, apuesta apostar, gobiernan gobernar",
    "nl": "lagen liggen, gaven geven, at eten, geboden bieden, boden bieden, kozen kiezen, "
    "gewezen wijzen, wezen wijzen, afgewezen afwijzen, terugbracht terugbrengen",
}
"""Forms with lemmas that no source has, as each gives the form a word of its own."""
_FACTORY = simple.DefaultDictionaryFactory(1)
_LEMMATIZER = Lemmatizer(
    cache_max_size=0,
    lemmatization_strategy=simple.DefaultStrategy(False, _FACTORY),
)
_COUNTED_AS = {"hbs": "sh", "tl": "fil"}
_UNKNOWN = "ign"
_PARTS = ("adj", "adv", "aux", "noun", "num", "pron", "verb")
_SPACY = {
    "pl": [f"pl_lemma_lookup_{part}" for part in _PARTS],
    "it": [f"it_lemma_lookup_{part}" for part in _PARTS],
    "fr": ["fr_lemma_lookup", "fr_lemma_exc"],
    "nl": ["nl_lemma_lookup", "nl_lemma_exc"],
    **{language: [f"{language}_lemma_lookup"] for language in ("de", "es", "pt")},
}


def frequencies(language: str) -> dict[str, float]:
    """How frequent words are, as shares of all words; empty if nobody has counted."""
    counted = _COUNTED_AS.get(language, language)
    if counted not in wordfreq.available_languages():  # it would take the nearest one
        return {}
    found: dict[str, float] = wordfreq.get_frequency_dict(counted, "best")
    return found


def dictionary(language: str) -> dict[str, str]:
    """simplemma's dictionary: one lemma a form."""
    if language in ALONE:
        return {}
    return dict(_FACTORY.get_dictionary(language).items())


def has_rules(language: str) -> bool:
    """Whether `by_rule` has rules that go with the dictionary."""
    return language == "ru" or language not in ALONE


def by_rule(word: str, language: str) -> str:
    """The lemma that rules give a word that no dictionary has."""
    if language == "ru":
        likeliest: str = _analyzer().parse(word)[0].normal_form
        return likeliest
    return _LEMMATIZER.lemmatize(word, language)


def irregular(language: str) -> set[Pair]:
    """Forms with lemmas that no other source has."""
    found = IRREGULAR.get(language)
    pairs = (pair.split() for pair in found.split(", ")) if found else ()
    return {(form, lemma) for form, lemma in pairs}


def spellings() -> set[Pair]:
    """Words as they are spelled in Britain and in America."""
    from breame.data.spelling_constants import BRITISH_ENGLISH_SPELLINGS  # noqa: PLC0415

    text = (Path(__file__).parent / "spellings.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line[:1] != "#"]
    own = [pair.split() for line in lines for pair in line.split(",")]
    return {*BRITISH_ENGLISH_SPELLINGS.items(), *((one, other) for one, other in own)} - NOT_ONE


def second_source(language: str, words: Iterable[str]) -> Iterator[Pair]:
    """The pairs of another dictionary, if there is one whose licence permits this."""
    if language == "en":
        yield from _lemminflect(words)
    elif language == "ru":
        yield from _pymorphy()
    elif language == "pl":
        yield from _morfeusz(frequencies("pl"))
    elif language == "it":
        yield from _lost_verbs()
        yield from _lost_nouns()
    for name in _SPACY.get(language, ()):
        yield from _lookup_pairs(name)


def italian_verbs() -> Iterator[Pair]:
    """The pairs of Italian verbs alone."""
    yield from _lookup_pairs("it_lemma_lookup_verb")
    yield from _lookup_pairs("it_lemma_lookup_aux")
    yield from _lost_verbs()


def _lost_verbs() -> Iterator[Pair]:
    return italian.accented(dict(_lookups("it_lemma_lookup_verb")).items())


def _lost_nouns() -> Iterator[Pair]:
    return italian.second_lemmas(dict(_lookups("it_lemma_lookup_noun")))


def _lookup_pairs(name: str) -> Iterator[Pair]:
    for form, lemmas in _lookups(name):
        for lemma in [lemmas] if isinstance(lemmas, str) else lemmas:
            yield form, lemma


def _lookups(name: str) -> Iterator[tuple[str, Any]]:
    import spacy_lookups_data  # noqa: PLC0415

    path = Path(spacy_lookups_data.__file__).parent / "data" / f"{name}.json.gz"
    read = json.loads(gzip.decompress(path.read_bytes()))
    for key, value in read.items():
        if isinstance(value, dict):  # exceptions, by part of speech
            yield from value.items()
        else:
            yield key, value


def _lemminflect(words: Iterable[str]) -> Iterator[Pair]:
    from lemminflect import getAllInflections, getAllLemmas  # noqa: PLC0415

    lemmas: set[str] = set()
    for word in words:
        if word.isascii() and word.isalpha():
            lemmas.add(word.lower())
            for found in getAllLemmas(word.lower()).values():
                for lemma in found:
                    lemmas.add(lemma)
                    yield word, lemma
    for lemma in sorted(lemmas):
        for tag, forms in getAllInflections(lemma).items():
            if not tag.startswith("NNP"):
                for form in forms:
                    yield form, lemma


def _morfeusz(words: Iterable[str]) -> Iterator[Pair]:
    """All forms of the lemmas that these words may have, but those that deny (`niepodpisany`)."""
    import morfeusz2  # noqa: PLC0415

    dictionary = morfeusz2.Morfeusz(expand_tags=False)
    readings = chain.from_iterable(map(dictionary.analyse, words))
    lemmas = {lemma for _, _, (_, lemma, tag, _, _) in readings if tag != _UNKNOWN}
    for lemma in sorted(lemmas):
        for form, _, tag, _, _ in dictionary.generate(lemma.partition(":")[0]):
            if "neg" not in tag.split(":"):
                yield form, lemma.partition(":")[0]


@cache
def _analyzer() -> Any:
    import pymorphy3  # noqa: PLC0415

    return pymorphy3.MorphAnalyzer(lang="ru")


def _pymorphy() -> Iterator[Pair]:
    for word, _, lemma, _, _ in _analyzer().dictionary.iter_known_words():
        yield word, lemma
