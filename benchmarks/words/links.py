"""Dictionaries → the links of a language: each form with its lemmas, wrong ones taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from benchmarks.words import italian, sources
from benchmarks.words.completion import completed
from benchmarks.words.encoding import Links
from service.matching.words.wordform import lowered

OVERSHADOWED = 30.0
"""A form that is so many times as frequent as the rest of a family is another word: Spanish `para`
belongs to no `parir`."""
LEAST_FREQUENT = 1e-6
"""Below this share of all words, frequencies say too little for that."""
FREQUENT = 1e-3
"""A form of so great a share is grammar and keeps the lemma that simplemma gives it."""
MOST_UNKNOWN = 1e-4
"""A word of so great a share that no dictionary has is grammar: Italian `ma` is no form."""
UNGATED = frozenset({"tr", "ar"})
RULED_SHARE = 1e-7
"""Least share of a word that simplemma's rules are asked about."""
MAX_LENGTH = 40
_WITHOUT_UMLAUTS = str.maketrans("äöü", "aou")
_WITHOUT_VOWELS = str.maketrans(dict.fromkeys("aeiou"))
LAST_LATIN = 0x2FF
NOT_FORMS = {
    ("wound", "wind"), ("ky", "key"), ("wan", "want"), ("weed", "wee"), ("skies", "ski"),
    ("bare", "bear"), ("ta", "to"), ("na", "to"), ("est", "estate"), ("chili", "chile"),
    ("morals", "morale"), ("inning", "inn"),
}  # fmt: skip
"""English pairs that are right or nearly so, and hardly ever meant: shortened and archaic words."""
SHORTENED = frozenset(["km", "cm", "mhz", "vs", "ltd", "jr", "jpg", "m", "nt", "ll"])
"""English forms without a vowel that are meant by their words; the others are abbreviations of the
post, and other things as a rule: `msn` of `mission`, `cts` of `court`."""
NAME_SHARE, NAME_RATIO = 1e-6, 0.17
"""English: a word in -s that no dictionary has, of this share and so many times as frequent as
without it, is a name of its own, as `Torres` and `Barclays` are."""
SHADOWING_RATIO = 0.8
"""The ratio from which that holds of rare words, too."""
Pairs = set[tuple[str, str]]


def links(language: str, peoples: Iterable[str]) -> Links:
    """The links of a language; `peoples` are English plurals, of which some are names too."""
    known = sources.dictionary(language)
    frequencies = sources.frequencies(language)
    words = {*known, *known.values(), *frequencies} if language == "en" else ()
    found = [_pairs(known.items(), language)]
    found.append(_pairs(sources.second_source(language, words), language))
    forms = {form for pairs in found for form, _ in pairs}
    ruled = _ruled(forms, frequencies, language) if sources.has_rules(language) else {}
    found.append({*ruled.items()})
    if language == "en":
        plurals = {(form.lower(), form[:-1].lower()) for form in peoples}
        found.append(plurals)
        forms.update(form for form, _ in plurals)
        found.append({(name, name) for name in _names_like_plurals(forms, frequencies)})
    irregular = sources.irregular(language)
    found.append(irregular)
    lemmas: defaultdict[str, list[str]] = defaultdict(list)
    for form, lemma in sorted(set().union(*found) - NOT_FORMS):
        if language != "en" or not _is_postal(form, lemma):
            lemmas[form].append(lemma)
    small = {**dict(sorted(_pairs(known.items(), language))), **ruled}
    small |= _pairs(((form, lemma) for form, lemma in known.items() if form.islower()), language)
    small = {form: lemma for form, lemma in small.items() if (form, lemma) not in NOT_FORMS}
    if language in sources.ALONE:
        first = {form: _likeliest(form, each, frequencies) for form, each in lemmas.items()}
        agreed = set().union(*found)
    else:
        first = {form: small.get(form, form) for form in lemmas}
        agreed = irregular.union(*(one & other for one, other in combinations(found, 2)))
    if language != "en":
        for form, lemma in _completed(language, lemmas, frequencies):
            if lemma not in lemmas[form]:
                lemmas[form].append(lemma)
                first.setdefault(form, lemma)
    if frequencies and language not in UNGATED:
        _gate(lemmas, first, frequencies, agreed, language)
    if language == "en":
        _join_spellings(lemmas, first)
    return Links(lemmas, first)


def _is_postal(form: str, lemma: str) -> bool:
    vowels = set("aeiouy")
    return form not in SHORTENED and vowels.isdisjoint(form) and not vowels.isdisjoint(lemma)


def _completed(
    language: str, lemmas: Mapping[str, Sequence[str]], frequencies: Mapping[str, float]
) -> Iterator[tuple[str, str]]:
    """What `completed` adds, without words that are too frequent for every dictionary to lack them.

    In Italian of verbs alone, as `mare` ends like one. There, a form that is written more than all
    others of its verb is another word: `casa` belongs to no `cadere`.
    """
    known, families = lemmas, defaultdict[str, float](float)
    if language == "it":
        known = _by_form(sources.italian_verbs(), language)
        for form, found in known.items():
            for lemma in found:
                families[lemma] += frequencies.get(form, 0.0)
    for form, lemma in completed(known, frequencies):
        share = frequencies.get(form, 0.0)
        if language == "it" and not italian.is_spelt_as(form, lemma):
            continue
        if (form in lemmas or share < MOST_UNKNOWN) and share <= families.get(lemma, 1.0):
            yield form, lemma


def _by_form(pairs: Iterable[tuple[str, str]], language: str) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for form, lemma in sorted(_pairs(pairs, language)):
        found[form].append(lemma)
    return found


def _likeliest(form: str, lemmas: Sequence[str], frequencies: Mapping[str, float]) -> str:
    """The word itself if it is a lemma, else the lemma that is written most."""
    if form in lemmas:
        return form
    return max(sorted(lemmas), key=lambda lemma: frequencies.get(lemma, 0.0))


def _join_spellings(lemmas: dict[str, list[str]], first: dict[str, str]) -> None:
    """Gives a form the lemma of its other spelling, where the lemmas are spellings of one word."""
    pairs = sources.spellings()
    for pair in pairs:
        for word in pair:
            lemmas.setdefault(word, [word])
            first.setdefault(word, word)
    added: defaultdict[str, set[str]] = defaultdict(set)
    for british, american in pairs:
        for one in lemmas[british]:
            for other in lemmas[american]:
                if (one, other) in pairs:
                    added[american].add(one)
                    added[british].add(other)
    for form, new in added.items():
        lemmas[form] = sorted({*lemmas[form], *new})


def _pairs(pairs: Iterable[tuple[str, str]], language: str) -> Pairs:
    """Pairs of words, in lower case; those that are no words are left out.

    All at once: a dictionary has millions.
    """
    forms, lemmas = [*zip(*pairs, strict=True)] or ((), ())
    small = zip(_small(forms, language), _small(lemmas, language), strict=True)
    return {pair for pair in small if _is_word(pair[0]) and _is_word(pair[1])}


def _small(words: Sequence[str], language: str) -> list[str]:
    return lowered("\n".join(words), language).split("\n") if words else []


def _is_word(word: str) -> bool:
    if word.isalpha():
        return len(word) < MAX_LENGTH
    # Words in Indian scripts are of letters and of marks.
    marked = not word.isascii() and all(c.isalpha() or ord(c) > LAST_LATIN for c in word)
    return marked and len(word) < MAX_LENGTH


def _ruled(
    known: Container[str], frequencies: Mapping[str, float], language: str
) -> dict[str, str]:
    """What simplemma's rules say of words that no dictionary has."""
    ruled: dict[str, str] = {}
    for counted, share in frequencies.items():
        word = lowered(counted, language)
        if share >= RULED_SHARE and word not in known and _is_word(word):
            lemma = lowered(sources.by_rule(word, language), language)
            if lemma != word and _is_word(lemma):
                ruled[word] = lemma
    return ruled


def _names_like_plurals(known: Container[str], frequencies: Mapping[str, float]) -> Iterable[str]:
    for word, share in frequencies.items():
        if word[-1:] == "s" and word not in known and _is_word(word):
            ratio = share / frequencies.get(word[:-1], 1.0)
            if ratio > SHADOWING_RATIO or (ratio > NAME_RATIO and share > NAME_SHARE):
                yield word


def _gate(
    lemmas: Mapping[str, list[str]],
    first: Mapping[str, str],
    frequencies: Mapping[str, float],
    agreed: Container[tuple[str, str]],
    language: str,
) -> None:
    """Takes out the links that are likely to be wrong; `agreed`: those of several sources."""
    families: defaultdict[str, float] = defaultdict(float)
    for form, found in lemmas.items():
        share = frequencies.get(form, 0.0)
        if share:
            for lemma in found:
                families[lemma] += share
    for form, found in lemmas.items():
        share = frequencies.get(form, 0.0)
        grammar = share >= FREQUENT and language != "en"
        for lemma in [*found] if found != [form] else ():
            if lemma == form:
                continue
            rest = families[lemma] - share
            if lemma not in lemmas.get(lemma, ()):
                rest += frequencies.get(lemma, 0.0)
            likely = first[form] == lemma
            apart = not _is_alike(form, lemma, language)
            if (share >= LEAST_FREQUENT and share > OVERSHADOWED * rest) or (
                not likely and (grammar or ((form, lemma) not in agreed and apart))
            ):
                found.remove(lemma)


def _is_alike(form: str, lemma: str, language: str) -> bool:
    """Whether a form looks as if it belonged to a lemma."""
    if language == "de":
        form, lemma = form.translate(_WITHOUT_UMLAUTS), lemma.translate(_WITHOUT_UMLAUTS)
    return _likeness(form, lemma) > 1 or (language == "en" and _is_ablaut(form, lemma))


def _likeness(form: str, lemma: str) -> int:
    """How many letters two words share from the same place on, up to three letters in."""
    return max(
        _shared(form[skipped:], lemma[other:])
        for skipped, other in ((0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (0, 2), (0, 3))
    )


def _is_ablaut(form: str, lemma: str) -> bool:
    """Whether only vowels tell an English form from its lemma: `won` from `win`, not `prt`."""
    bare = form.translate(_WITHOUT_VOWELS)
    return bare != form and bare == lemma.translate(_WITHOUT_VOWELS)


def _shared(one: str, other: str) -> int:
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count
