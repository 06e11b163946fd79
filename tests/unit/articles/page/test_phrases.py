"""The files of what page templates print, and how a paragraph is compared with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.page import phrases as module
from service.articles.page.chrome_phrases import ALL, may_be_chrome, rules_of
from service.articles.page.phrases import LINKS, WHOLE, parse, phrases, words_of

FILES = Path(module.__file__).parent / "languages"
READ = [phrase for path in FILES.iterdir() for phrase in parse(path.read_text(encoding="utf-8"))]


def test_each_language_has_a_file_and_each_file_is_read() -> None:
    """And each says what the templates of any language print."""
    assert len([*FILES.iterdir()]) >= 12
    for path in FILES.iterdir():
        found = {phrase.kind for phrase in parse(path.read_text(encoding="utf-8"))}
        assert found >= {"also-read", "comments", "legal", "notice", "section", "teaser-list"}, path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[rabbit]", "line 1: \\[rabbit\\] is none of"),
        ("most read", "no kind above"),
        ("[notice]\n…", "line 2: '…' has no words"),
        ("[share]\nshare …", "line 2: 'share …' has a gap"),
        ("[and]\nas well as", "line 2: 'as well as' is more than one word"),
    ],
)
def test_a_line_that_is_no_phrase_is_refused(line: str, told: str) -> None:
    """With its number."""
    with pytest.raises(ValueError, match=told):
        list(parse(line))


@pytest.mark.parametrize(
    ("paragraph", "kinds"),
    [
        ("Most read", {"teaser-list"}),
        ("EN ÇOK OKUNANLAR", {"teaser-list"}),
        ("İlgili haberler", {"teaser-list"}),
        ("Don’t miss", {"teaser-list"}),
        ("1,234 comments", set()),
        ("1234 comments:", {"comments"}),
        ("Latest from the estuary", {"teaser-list"}),
        ("The latest from the estuary", set()),
        ("Most read by far", set()),
        ("青岭日报社版权所有，未经书面授权禁止使用", {"legal"}),
        ("संबंधित खबरें", {"teaser-list"}),
        ("", set()),
    ],
)
def test_a_phrase_is_all_of_a_paragraph(paragraph: str, kinds: set[str]) -> None:
    """Case, marks and apostrophes do not count; where others may stand, its signs say."""
    assert phrases().kinds(words_of(paragraph)) == kinds


def test_every_phrase_is_known_by_its_own_words() -> None:
    """Whatever stands in its gaps, and the cheap first look lets it pass."""
    for phrase in READ:
        said = [*(" ".join(part) for part in phrase.parts)]
        text = " grey herrings ".join([*[""][phrase.from_start :], *said, *[""][phrase.to_end :]])
        assert phrases().may_say(words_of(text)) or phrase.kind in LINKS, phrase
        if phrase.kind in WHOLE:
            assert phrase.kind in phrases().kinds(words_of(text)), phrase


said = st.sampled_from([phrase.text.replace("0", "12") for phrase in READ])
texts = st.lists(
    said
    | st.sampled_from([": ", " | ", ", ", ".", "©", "2026", " Jane Doe", "March", "’", "\n"])
    | st.text(max_size=20),
    min_size=1,
    max_size=6,
).map(" ".join)


@given(texts)
def test_what_a_rule_holds_for_may_be_chrome(paragraph: str) -> None:
    """The cheap first look hides no paragraph from any rule."""
    held = tuple(rule for rule in ALL if rule.holds(paragraph))
    assert may_be_chrome(paragraph) or not held
    assert rules_of(paragraph) == (held if len(paragraph) <= 200 else ())


@given(
    texts | st.text(st.sampled_from("aZ9_ß'`´’.-\n \u00a0\u00b5\u00b2©½İ\u212aé–日"), max_size=12)
)
def test_words_are_the_same_in_whatever_text_they_stand(text: str) -> None:
    """Western texts are divided by a table, as others are by an expression: these are Cyrillic."""
    assert words_of(f"{text} ж") == (*words_of(text), "ж")
