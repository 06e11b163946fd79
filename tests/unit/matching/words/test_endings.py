"""The forms of words that no table knows."""

from __future__ import annotations

import pytest

from service.matching.words.endings import by_ending, typed, with_stroke, with_umlauts


@pytest.mark.parametrize(
    ("language", "word", "forms", "others"),
    [
        ("ru", "зеленский", "зеленского зеленским", "зеленск"),
        ("ru", "сырская", "сырской", "сырского"),
        ("ru", "байден", "байдена байденом", "байденский"),
        ("ru", "ли", "", "ла"),
        ("uk", "зеленський", "зеленського зеленському", ""),
        ("pl", "trump", "trumpa trumpem trumpie", "trumpka"),
        ("pl", "zełenski", "zełenskiego", "zełensk"),
        ("de", "selenskyj", "selenskyjs", ""),
        ("fr", "selenskyj", "", "selenskyjs"),
        ("en", "북한", "북한은 북한에서", ""),
        ("ko", "북", "", "북은"),
    ],
)
def test_endings(language: str, word: str, forms: str, others: str) -> None:
    """The longest ending that fits decides."""
    found = {*by_ending(word, language)}
    assert found >= {*forms.split()}
    assert found.isdisjoint(others.split())


def test_words_that_are_typed_with_other_letters() -> None:
    """Umlauts and đ, there and back."""
    assert typed("müller") == "mueller"
    assert typed("đoković") == "djoković"
    assert with_umlauts("mueller") == "müller"
    assert with_stroke("djokovic") == "dokovic"
    assert with_stroke("hadji") == "hadji"
