"""Document frequencies: the shipped table, blending with what is seen, wildcard patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.matching.words.frequencies import PRIOR_ARTICLES, UNKNOWN_SHARE, Frequencies
from service.matching.words.inflection import lemma
from service.matching.words.wordform import fold

SMALL = Frequencies({"the": 0.9, "missile": 0.02, "missiles": 0.01, "woman": 0.1, "women": 0.2})
WORDS = st.sampled_from(["the", "missile", "missiles", "woman", "women", "mission"])


def test_common_words_come_before_rare_ones() -> None:
    """The table that ships tells grammar from matters, and matters from names."""
    shipped = Frequencies.shipped()
    ranked = [shipped.share(word) for word in ("the", "government", "missile", "zanzibar", "qzxv")]
    assert ranked == sorted(ranked, reverse=True)
    assert ranked[0] > 0.9
    assert ranked[-1] == UNKNOWN_SHARE


def test_the_table_holds_folded_words_and_possible_shares() -> None:
    """Every word is as articles' words are looked up, every share is between 0 and 1."""
    shipped = Frequencies.shipped()
    words = shipped.words()
    assert len(words) > 20_000
    assert [word for word in words if fold(word) != word] == []
    assert all(UNKNOWN_SHARE < shipped.share(word) < 1 for word in words)


def test_a_dictionary_form_is_as_common_as_all_its_forms() -> None:
    """`year` stands for years too, so its share is never below theirs."""
    shipped = Frequencies.shipped()
    for form in ("years", "nations", "attacked", "governments", "struck"):
        assert shipped.share(lemma(form, "en")) >= shipped.share(form) > UNKNOWN_SHARE


def test_words_come_commonest_first() -> None:
    """So that a cache of forms can be filled with the first of them."""
    shares = [SMALL.share(word) for word in SMALL.words()]
    assert shares == sorted(shares, reverse=True)
    assert len(shares) == 5


@pytest.mark.parametrize(
    ("pattern", "share"),
    [
        ("missil*", 1 - (1 - 0.02) * (1 - 0.01)),
        ("missile", 0.02),
        ("missile?", 0.01),
        ("wom?n", 1 - (1 - 0.1) * (1 - 0.2)),
        ("WOM?N", 1 - (1 - 0.1) * (1 - 0.2)),
        ("w*n", 1 - (1 - 0.1) * (1 - 0.2)),
        ("xylo*", 0.0),
    ],
)
def test_a_pattern_is_as_common_as_the_words_that_fit(pattern: str, share: float) -> None:
    """The share of articles with any of them, and a little for the words that are not known."""
    assert SMALL.matching(pattern) == pytest.approx(share, abs=2 * UNKNOWN_SHARE)
    assert SMALL.matching(pattern) > share - 1e-12


@given(st.dictionaries(WORDS, st.integers(0, 500)), st.integers(500, 100_000))
def test_what_is_seen_moves_the_estimate_towards_it(counts: dict[str, int], articles: int) -> None:
    """A blended share lies between what the table says and what was seen."""
    blended = SMALL.with_seen(counts, articles)
    for word in ("the", "missile", "missiles", "woman", "women", "mission"):
        bounds = sorted((SMALL.share(word), counts.get(word, 0) / articles))
        assert bounds[0] - 1e-12 <= blended.share(word) <= bounds[1] + 1e-12


def test_as_many_articles_as_the_table_is_worth_weigh_as_much() -> None:
    """Half of each; what was not counted, and the table that was blended, stay as they were."""
    blended = SMALL.with_seen({"women": PRIOR_ARTICLES, "man": 0}, PRIOR_ARTICLES)
    assert blended.share("women") == pytest.approx((0.2 + 1) / 2)
    assert blended.share("man") == pytest.approx(SMALL.share("man") / 2)
    assert blended.share("the") == SMALL.share("the")
    assert blended.share("unheard") == UNKNOWN_SHARE
    assert SMALL.share("women") == 0.2
