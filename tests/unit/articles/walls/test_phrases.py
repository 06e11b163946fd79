"""The files of what walls say, and how a text is compared with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.walls import phrases
from service.articles.walls.phrases import LANGUAGES, all_phrases, parse, read
from service.articles.walls.sentences import sentence_texts, words_of

FILES = Path(phrases.__file__).parent / "languages"


def test_each_language_has_a_file_and_each_file_is_read() -> None:
    """Every line of every file is a phrase, and no file says one twice in one kind."""
    assert sorted(path.stem for path in FILES.iterdir()) == LANGUAGES
    known = {*all_phrases()}
    for path in FILES.iterdir():
        found = list(parse(path.read_text(encoding="utf-8")))
        assert {phrase.kind for phrase in found} >= {"robot", "missing", "paywall", "hint"}
        assert set(found) <= known
        assert len(set(found)) == len(found), path.name


@pytest.mark.parametrize(
    ("line", "told"),
    [("[rabbit]", "line 1: \\[rabbit\\] is none of"), ("page not found", "no kind above"),
     ("[robot]\n…", "line 2: '…' has no words")],
)  # fmt: skip
def test_a_line_that_is_no_phrase_is_refused(line: str, told: str) -> None:
    """With its number."""
    with pytest.raises(ValueError, match=told):
        list(parse(line))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Page not found", 3),
        ("PAGE NOT FOUND!", 3),
        ("Page not found in the archive of the ministry", 3),
        ("The archive has a page that was not found", 0),
        ("It says: you don’t have permission to access it", 6),
        ("Error 404. Nothing here", 2),
        ("404", 1),
        ("https://gazette.example/page-not-found", 0),
        ("ページが見つかりません", 11),
    ],
)
def test_words_are_said_where_a_phrase_stands(text: str, said: int) -> None:
    """Case, marks and apostrophes do not count; where it may begin and end, its signs say."""
    found = read(text)
    assert sum(phrase.kind != "hint" for phrase in found.phrases) == bool(said) or said > 2
    assert found.said >= said
    assert (found.said > 0) == (said > 0)


def test_words_between_the_parts_of_a_phrase_are_not_its_own() -> None:
    """Nobody knows them: they may be the news."""
    found = read("Your request to open the border was blocked")
    assert (found.words, found.said, found.exact, found.sentences) == (8, 8, 3, 1)


def test_most_of_a_sentence_makes_all_of_it_a_walls() -> None:
    """Of the rest of it nobody can know the words."""
    assert read("Please verify you are a human, dear Sir").share == 1
    assert (
        read("Minister asked whether to verify you are a human is a crime in any state").share < 0.6
    )


@given(
    st.text(st.sampled_from("aZ9_ß'`´’.-\n \u00a0\u00b5\u00bd\u0130\u212a\u0149é日"), max_size=12)
)
def test_words_are_the_same_in_whatever_text_they_stand(text: str) -> None:
    """Latin-1 is divided by a table, as other texts are by an expression: these have a kana."""
    assert words_of(f"{text} と") == [*words_of(text), "と"]


@given(st.text(st.sampled_from("ab1@.:/-_ \n!。é"), max_size=16))
def test_sentences_are_the_same_beside_an_address(text: str) -> None:
    """A text without a trace of one is not searched for addresses; these have one below."""
    beside = sentence_texts(f"{text}\nclerk@gazette.example")
    assert [*filter(str.strip, beside)] == [*filter(str.strip, sentence_texts(f"{text}\n"))]
