"""What edited copies keep in common, and what other texts do not have in common with them."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.alerts.stories import comparison
from service.alerts.stories.fingerprint import (
    FACT_KEYS,
    KEYS,
    MAX_CHARS,
    Fingerprint,
    fingerprint,
)
from service.alerts.stories.record import unpack

TEXTS = st.text(st.sampled_from("abcdefgh   \n.,A1é漢ไ"), max_size=400)
SEEDS = st.integers(0, 10_000)
Alphabet = tuple[int, int]
LATIN, ARABIC, THAI, HAN = (0x61, 26), (0x627, 28), (0xE01, 46), (0x4E00, 2_000)


def a_report(seed: int, *, words: int = 300, alphabet: Alphabet = LATIN) -> list[str]:
    """The paragraphs of a text of made-up words, no two alike in 20,000, each 60 words long."""
    chance = Random(seed)
    first, letters = alphabet
    made = [
        "".join(chr(first + chance.randrange(letters)) for _ in range(chance.randint(3, 9)))
        for _ in range(words)
    ]
    if alphabet == LATIN:  # every eighth word is a name
        made = [word.title() if not at % 8 else word for at, word in enumerate(made)]
    return [" ".join(made[at : at + 60]) + "." for at in range(0, words, 60)]


def similarity(a: Fingerprint, b: Fingerprint) -> float:
    """That of their records."""
    assert a.record is not None
    assert b.record is not None
    return comparison.similarity(a.record, b.record)


def near_copies(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether they are one story."""
    return comparison.compare(a.record, b.record).same


def mark(paragraphs: list[str]) -> Fingerprint:
    """The fingerprint of a body of paragraphs."""
    return fingerprint("", "", "\n\n".join(paragraphs))


def changed(paragraphs: list[str], share: float, seed: int) -> list[str]:
    """The paragraphs with that share of the words replaced, spread evenly by chance."""
    chance = Random(seed)
    return [
        " ".join(
            f"w{chance.randrange(10**9)}" if chance.random() < share else word
            for word in each.split()
        )
        for each in paragraphs
    ]


def meet(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether they share a key."""
    return not set(a.bands).isdisjoint(b.bands)


@given(TEXTS)
def test_a_text_is_a_copy_of_itself(text: str) -> None:
    """Whatever it is, as long as it has a word."""
    one = fingerprint(text)
    assert one == fingerprint(text)
    if one.record:
        assert similarity(one, one) == 1
        assert near_copies(one, one)
        assert meet(one, one)


@given(TEXTS, TEXTS)
def test_a_comparison_is_symmetric(a: str, b: str) -> None:
    """It does not matter which came first."""
    one, other = fingerprint(a), fingerprint(b)
    there = comparison.compare(one.record, other.record)
    back = comparison.compare(other.record, one.record)
    assert there == back
    assert 0 <= there.similarity <= 1


@given(TEXTS)
def test_sizes_are_bounded(text: str) -> None:
    """What is stored of a text does not grow with it, and can be read again."""
    made = fingerprint(text)
    if made.record:
        packed = made.record.pack()
        assert len(packed) < 1_000
        assert unpack(packed) == made.record
    assert len(made.bands) in {0, 1, KEYS, KEYS + FACT_KEYS}
    assert {len(key) for key in made.bands} <= {5}
    assert len(set(made.bands)) == len(made.bands)


@settings(max_examples=30)
@given(SEEDS, st.sampled_from([LATIN, ARABIC, THAI, HAN]))
def test_paragraphs_may_be_moved(seed: int, alphabet: Alphabet) -> None:
    """Only the pairs across their borders change, in any script."""
    report = a_report(seed, alphabet=alphabet)
    moved = report.copy()
    Random(seed).shuffle(moved)
    assert similarity(mark(report), mark(moved)) > 0.75
    assert meet(mark(report), mark(moved))


@settings(max_examples=30)
@given(SEEDS, st.sampled_from([LATIN, ARABIC, THAI, HAN]))
def test_edited_copies_are_near(seed: int, alphabet: Alphabet) -> None:
    """A tenth of the words is changed, or a third cut off, or a lead put before it."""
    report = a_report(seed, alphabet=alphabet)
    # A lead that named other things than the report would make it another event.
    lead = [each.lower() for each in a_report(seed + 1, words=30, alphabet=alphabet)]
    copies = [report[:-2], lead + report, lead + report[1:]]
    if alphabet == LATIN:  # without capitals nobody can tell which words are names
        copies.append(changed(report, 0.1, seed))
    for copy in copies:
        assert near_copies(mark(report), mark(copy))
        assert meet(mark(report), mark(copy))


@settings(max_examples=30)
@given(SEEDS, st.sampled_from([LATIN, ARABIC, THAI, HAN]))
def test_other_texts_are_far(seed: int, alphabet: Alphabet) -> None:
    """Texts of the same script, which share single letters of those without spaces."""
    one, other = (mark(a_report(each, alphabet=alphabet)) for each in (seed, seed + 1))
    assert similarity(one, other) < 0.15
    assert not near_copies(one, other)
    assert not meet(one, other)


def test_the_estimate_is_near_the_share_of_pairs() -> None:
    """Within four standard deviations: half of two long texts is the same."""
    for seed in range(20):
        shared, a, b = (a_report(3 * seed + each, words=1_200) for each in range(3))
        assert similarity(mark(shared + a), mark(shared + b)) == pytest.approx(1 / 3, abs=0.14)


@pytest.mark.parametrize(
    ("a", "b", "copies"),
    [
        ("Rovers beat United in final", "Rovers beat United in final", True),
        ("Rovers beat United in final", "ROVERS beat  United -- in final!", True),
        ("Rovers beat United in final", "Wanderers beat United in final", False),
        ("Rovers beat United in final", "United beat Rovers in final", False),
        ("Rovers beat United in final", "Rovers beat United in final, and more", False),
        ("洪水で橋が流された", "洪水で橋が流された", True),
        ("洪水で橋が流された", "地震で橋が流された", False),
    ],
)
def test_a_short_text_is_a_copy_of_its_own_words_only(a: str, b: str, copies: bool) -> None:
    """Headlines differ in a word and in all that matters; case and signs do not count."""
    assert near_copies(fingerprint(a), fingerprint(b)) is copies
    assert meet(fingerprint(a), fingerprint(b)) is copies


def test_from_some_length_on_a_text_may_be_edited() -> None:
    """One word fewer, and every word counts."""
    words = " ".join(a_report(1, words=30)).split()
    assert near_copies(fingerprint(" ".join(words)), fingerprint(" ".join([*words, "more"])))
    fewer = words[1:]
    assert not near_copies(fingerprint(" ".join(fewer)), fingerprint(" ".join([*fewer, "more"])))


@pytest.mark.parametrize("text", ["", " \n ", "—!?…"])
def test_without_words_nothing_is_a_copy(text: str) -> None:
    """Nor is it found: it begins a story of its own."""
    assert fingerprint(text) == Fingerprint(None, ())
    assert not near_copies(fingerprint(text), fingerprint(text))


def test_zones_read_as_one_text() -> None:
    """What one source sends as its lead may be another's first paragraph."""
    title, lead, *rest = a_report(5)
    body = "\n\n".join(rest)
    assert fingerprint(title, lead, body) == fingerprint(title, "", f"{lead}\n\n{body}")


def test_width_and_case_do_not_count() -> None:
    """Full-width letters, ligatures and capitals are the letters that they stand for."""
    report = "\n\n".join(a_report(6)).replace("a", "fi")
    wide = report.replace("fi", "ﬁ").translate({each: each + 0xFEE0 for each in range(0x61, 0x7B)})
    assert similarity(fingerprint(report), fingerprint(wide.upper())) == 1


def test_what_lies_beyond_the_longest_text_does_not_count() -> None:
    """However much that is."""
    long = "\n\n".join(a_report(7, words=20_000))
    assert len(long) > MAX_CHARS
    assert fingerprint(long) == fingerprint(long[:MAX_CHARS]) == fingerprint(long * 2)


GOLDEN = {
    "Latin": (
        "The ministers of nine countries met in the port of Bergen on Tuesday to agree on how much "
        "herring, cod and mackerel their fleets may land in 2027; talks of Norway, Iceland and the "
        "Faroe Islands had failed in March, when 2 of them left the room after 14.5 hours in Oslo.",
        "ef1a01c73f38c9350e875433fcc246a2",
        750,
    ),
    "Arabic": (
        "اجتمع وزراء تسع دول في الميناء يوم الثلاثاء للاتفاق على كمية الأسماك التي يجوز لأساطيلهم "
        "صيدها في العام المقبل، وكانت المحادثات بينهم قد فشلت في مارس عندما غادر اثنان منهم القاعة "
        "قبل نهاية الجلسة بساعة واحدة، ثم عادا إليها في اليوم التالي.",
        "330ddd1ad48c9154b71b178e0e276aaf",
        670,
    ),
    "Han": (
        "九か国の大臣は火曜日に港町で会談し、来年それぞれの船団が水揚げできるニシンやタラの量について"
        "合意を目指した。三月の会談では二か国の代表が途中で退席し、決裂していた。",
        "f2eefffaabf4a7a78d1726a728f3dbbf",
        902,
    ),
}


@pytest.mark.parametrize("script", GOLDEN)
def test_stored_fingerprints_stay_comparable(script: str) -> None:
    """Every byte is the same on every platform, and in the next release, or VERSION is another."""
    text, digest, size = GOLDEN[script]
    made = fingerprint("A title", text, language="en")
    assert made.record is not None
    packed = made.record.pack()
    found = hashlib.blake2b(packed + b"".join(made.bands), digest_size=16).hexdigest()
    assert (found, len(packed)) == (digest, size)
