"""Clean text: one spelling of a space, no invisible characters, and paragraphs where they are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.articles.paragraphs import clean, line, paragraphs, rejoined, squash, unescape, visible


@pytest.mark.parametrize(
    "hidden",
    ["fighter", "figh\u00adter", "fi\u200bghter", "f\u200cighter", "fight\u200der", "fig\u2060hter",
     "\u202efighter\u202c", "\u2066fighter\u2069", "\ufefffighter", "fi\x08ghter",
     "figh\U000e0041ter", "figh\ufffeter", "figh\u034fter", "figh\u115fter", "figh\u1160ter",
     "figh\u17b4ter", "figh\u17b5ter", "figh\u3164ter", "figh\uffa0ter", "figh\ufffcter"],
)  # fmt: skip
def test_invisible_characters_do_not_hide_a_word(hidden: str) -> None:
    """Soft hyphens, zero-width characters, direction marks, controls and tags are gone."""
    assert clean(hidden) == "fighter"


@pytest.mark.parametrize("spelled", ["می\u200cخواهد", "क्\u200dष", "👩\u200d🚀"])
def test_joiners_stay_where_they_are_spelling(spelled: str) -> None:
    """Arabic and Indic scripts, and emoji, mean something by them."""
    assert clean(spelled) == spelled


def test_text_is_nfc_and_not_folded_further() -> None:
    """Evidence points into the text, so case, accents and ligatures stay."""
    assert clean("Cafe\u0301 ﬁve Ⅷ STRASSE ß") == "Café ﬁve Ⅷ STRASSE ß"


@pytest.mark.parametrize(
    ("apart", "whole"), [("ﾊﾟｷｽﾀﾝ", "パキスタン"), ("ﾃﾞｰﾀ", "データ"), ("น้ํา", "น้ำ"), ("นํ้า", "น้ำ")]
)
def test_what_was_taken_apart_is_whole(apart: str, whole: str) -> None:
    """Half-width kana with their voicing marks, and Thai am."""
    assert clean(apart) == whole


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", "\u2009", "\u3000", "  \u202f ", "\n"])
def test_a_line_has_single_plain_spaces(space: str) -> None:
    """Every kind of white space is one space."""
    assert line(f" fighter{space}jet ") == "fighter jet"


def test_what_windows_wrote_is_read_as_browsers_read_it() -> None:
    """C1 controls are its quotes, dashes and letters; those that it left undefined are nothing."""
    assert line("don\x92t \x93go\x94 \x96 \x8aibenik\x81") == "don’t “go” – Šibenik"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\v", "\f", "\x85", "\u2029"])
def test_every_line_is_a_paragraph(newline: str) -> None:
    """Whatever ends the lines, and with or without blank ones between."""
    assert paragraphs(f"One line.{newline}Another.{newline}{newline} Third. ") == [
        "One line.",
        "Another.",
        "Third.",
    ]


WRAPPED = """\
The two navies agreed on Monday to build their frigates in one yard,
and to sell those that neither of them needs. The first of the fighter
jets that fly from them will come later.

A second paragraph begins here, and it too is broken where the line is
full.
"""


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    """Where no line had room for the next word, the break is not the writer's."""
    first, second = paragraphs(WRAPPED)
    assert "first of the fighter jets that fly" in first
    assert second.endswith("where the line is full.")


@pytest.mark.parametrize(
    ("upper", "lower", "joined"),
    [
        ("ANKARA: Turkey said that it would buy ten new fighter", "jets from Pakistan.", True),
        ("The minister said on Monday, in a note to all editors,", "that no ship had left.", True),
        ("Он сообщил в понедельник, что десять новых боевых", "самолётов прибыли.", True),
        ("Turkey said on Monday that it would buy ten fighters.", "jets of Pakistan flew.", False),
        ("Turkey said on Monday that it would buy the following:", "ten fighter jets.", False),
        ("Turkey said on Monday that it would buy ten new fighter", "Jets fly from there.", False),
        ("Apple shows all that it has made for the coming season", "iPhone sales rise.", False),
        ("Turkey buys ten new fighter", "jets.", False),
    ],
)
def test_a_line_that_stops_within_a_sentence_goes_on(upper: str, lower: str, joined: bool) -> None:
    """In a summary of two lines, say; a heading, a list or a menu does not look so."""
    expected = [f"{upper} {lower}"] if joined else [upper, lower]
    assert rejoined(f"{upper}\n{lower}\nAnkara wrote.") == [*expected, "Ankara wrote."]
    assert rejoined(f"{upper}\n\n{lower}") == [upper, lower]


POEM = """\
The herring boats go out at ten
And no one sees them leave
They carry lamps and sleeping men

And one of them will grieve
The rope that held them to the quay
"""


HEADLINES = """\
Harwick and Oslona to share a shipyard on the Sell
Sarabande dockers vote to carry on with their long strike
Velden opens a museum of salt to the wonder of its neighbours
Quill is named to head the grain board
"""


def test_lines_that_are_sentences_are_not_taken_for_wrapped_ones() -> None:
    """One paragraph a line is the commonest text; a few full lines prove nothing."""
    assert len(paragraphs(HEADLINES)) == 4
    assert len(paragraphs("".join(f"{line}.\n" for line in WRAPPED.split("\n")[:3]))) == 3


def test_short_lines_are_not_taken_for_wrapped_ones() -> None:
    """A verse had room for the next word: its lines stay lines."""
    assert len(paragraphs(POEM)) == 5


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("AT&amp;T &#8217;s &#x41; &nbsp;x", "AT&T ’s A \u00a0x"),
        ("Q&A; R&D and &amp;lt;", "Q&A; R&D and &lt;"),
        ("&notanentity; & &sect=3", "&notanentity; & &sect=3"),
        ("T&amp;uuml;rkiye&amp;#8217;s R&amp;amp;D", "Türkiye’s R&D"),
        ("&amp;amp;nbsp; &amp;notanentity; &amp;amp;gt;", "\u00a0 &notanentity; &gt;"),
    ],
)
def test_character_references_are_resolved(text: str, plain: str) -> None:
    """Only whole ones, with their semicolon: "R&D" and addresses stay as they are. However often
    they were escaped, but for what text about markup needs.
    """
    assert unescape(text) == plain


def test_what_was_resolved_once_is_not_taken_for_markup() -> None:
    """A page's text says `<b>` where its source says `&lt;b&gt;`, and so does what it quotes."""
    assert unescape("T&uuml;rkiye &lt;b&gt; &amp;", again=True) == "Türkiye &lt;b&gt; &"


def test_texts_with_the_same_words_squash_alike() -> None:
    """Case, spacing and punctuation do not count."""
    assert squash("Harwick: “A Yard!” …") == squash("harwick a yard") == "harwickayard"


@pytest.mark.parametrize("start", range(0, 0x110000, 0x11000))
def test_a_squash_holds_all_letters_and_digits_of_unicode(start: int) -> None:
    """By itself and beside others, each character counts as `isalnum` has it."""
    every = [chr(code) for code in range(start, start + 0x11000)]
    naive = ["".join(filter(str.isalnum, one.casefold())) for one in every]
    assert [*map(squash, every)] == naive
    assert squash("".join(every)) == "".join(naive)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text is clean, in NFC, and every paragraph of it is one line."""
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert all(part == line(part) and "\n" not in part for part in paragraphs(text))


@given(
    st.text(
        st.sampled_from("a. \n\u00a0\u00e9\u0301“ﾊﾟ\u0e4d\u0e32\u034f\u115f\u200b\r\t"), max_size=9
    )
)
def test_a_text_that_is_clean_at_a_glance_is_clean(text: str) -> None:
    """Beside a character that is not, so that all of it is looked at, it is cleaned to the same."""
    assert clean(f"{text}b") == clean(f"{text}b\u00ad")
    assert paragraphs(f"{text}b") == paragraphs(f"{text}b\u00ad")


@given(st.text(st.sampled_from("Aa ب\u200c\u200d\u200f\ufeff\u2060\u0301"), max_size=20))
def test_what_is_visible_is_what_cleaning_leaves(text: str) -> None:
    """But for the accents that it composes."""
    seen = "".join(text[at] for at in visible(text))
    assert unicodedata.normalize("NFC", seen) == clean(text)


@given(st.text())
def test_no_visible_character_is_lost(text: str) -> None:
    """Paragraphs hold the same letters in the same order."""
    assert squash("".join(paragraphs(text))) == squash(clean(text))
