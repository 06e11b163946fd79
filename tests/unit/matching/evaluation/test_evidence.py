"""The proof of a match (DESIGN.md §5): which words are shown, where they stand, in what order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.articles import an_article, judged
from builders.expressions import METADATA, WORD, ExpressionMaker
from builders.seeded import seeded, sized
from service.alerts.events.payload import evidence_facts, evidence_lines
from service.articles.article import Article
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.evaluation.evidence import (
    MAX_CUT_SHIFT_CHARS,
    MAX_SENTENCE_CHARS,
    Evidence,
    evidence,
)
from service.matching.evaluation.score import positive_mentions
from service.matching.syntax.parser import parse_item
from service.matching.syntax.tree import And, Node, Or


def proof(match: str, article: object, limit: int = 5) -> tuple[Evidence, ...]:
    """The evidence of an expression that holds."""
    found = an_article(article) if isinstance(article, str) else article
    judgement = judged(match, found)  # type: ignore[arg-type]
    return evidence(judgement.result, ArticleIndex(found), limit)  # type: ignore[arg-type]


def test_evidence_points_at_the_words_themselves() -> None:
    """`text == zone[start:end]` in every zone, whatever the script and however it was folded."""
    article = an_article(
        title="Türkiye’nin uçakları",
        lead="The U.S. and TÜRKİYE signed; 😀 jets.",
        body="Straße.\n\n日本の戦闘機。Turkey's jets.",
    )
    found = proof('turkiye OR strasse OR jet OR 戦闘機 OR "us"', article, 20)
    zones = dict(article.zones())
    assert {each.text for each in found} == {
        "Türkiye",
        "TÜRKİYE",
        "U.S.",
        "Straße",
        "jets",
        "戦闘機",
    }
    assert all(each.text == zones[each.zone][each.start : each.end] for each in found)
    assert all(each.text in each.sentence for each in found)


def test_a_sentence_ends_after_an_acronym() -> None:
    """Its last stop is that of the sentence, too."""
    found = proof('"us" AND jet', "They are in the U.S. The plan works: a jet lands. It rains.")
    assert {each.sentence for each in found} == {
        "They are in the U.S.",
        "The plan works: a jet lands.",
    }


def test_evidence_shows_every_term_and_the_best_sentences_first() -> None:
    """The sentence that holds the most terms comes first; every term is shown; the limit holds."""
    body = "Jets. Jets. Jets. Jets. Jets. Jets. A tank met a jet there."
    found = proof("jet AND tank", body, 3)
    assert [(each.term, each.sentence) for each in found[:2]] == [
        ("tank", "A tank met a jet there."),
        ("jet", "A tank met a jet there."),
    ]
    assert len(found) == 3
    assert found[2].start == 0
    assert len(proof("jet AND tank", body, 1)) == 2


def test_evidence_of_a_text_without_sentences_is_cut() -> None:
    """A page without punctuation does not put its whole text into every alert."""
    body = "word " * 5_000 + "jet" + " word" * 5_000
    (found,) = proof("jet", body)
    assert len(found.sentence) <= MAX_SENTENCE_CHARS + 2
    assert found.sentence.startswith("…")
    assert found.sentence.endswith("…")
    assert " jet " in found.sentence


def test_what_is_refused_is_no_evidence() -> None:
    """Words under a NOT prove nothing."""
    assert [each.term for each in proof("jet AND NOT ship", "A jet.")] == ["jet"]


def test_the_parts_of_a_near_keep_their_names() -> None:
    """A field stands before the term that is looked for in it."""
    article = an_article("A jet.", title="A jet met a tank")
    found = proof("title:jet NEAR/2 (tank OR ship)", article)
    assert [(each.term, each.zone) for each in found] == [("title:jet", "title"), ("tank", "title")]


def test_what_a_near_joins_is_shown_where_it_is_joined() -> None:
    """A jet far from any tank is no evidence."""
    found = proof("jet NEAR/2 tank", "A jet met a tank. A very lonely jet left.")
    assert [each.start for each in found if each.term == "jet"] == [2]


def test_mentions_that_overlap_are_one() -> None:
    """The union of their stretches, named by the longest, with the names of all."""
    (found,) = proof("fighter jet AND jet line AND jet", "A fighter jet line opens.")
    assert (found.text, found.start, found.end) == ("fighter jet line", 2, 18)
    assert (found.term, found.terms) == ("fighter jet", ("fighter jet", "jet line", "jet"))


def test_one_stretch_that_proves_several_terms_is_shown_once() -> None:
    """Even when the mentions are the same: the first term names it."""
    (found,) = proof('jets OR jet* OR "jets"', "Jets fly.")
    assert (found.term, found.terms) == ("jets", ("jets", "jet*", '"jets"'))


def test_mentions_side_by_side_stay_apart() -> None:
    """What shares no word does not overlap."""
    assert [each.text for each in proof("fighter AND jet", "A fighter jet.")] == ["fighter", "jet"]


def test_the_best_sentence_is_shown_first_then_what_is_read_first() -> None:
    """Two terms in the body's sentence; one in the title's and in the lead's."""
    article = an_article("Tanks met jets.", title="A jet", lead="A tank.")
    found = proof("jet AND tank", article)
    assert [(each.zone, each.text) for each in found] == [
        ("body", "Tanks"),
        ("body", "jets"),
        ("title", "jet"),
        ("lead", "tank"),
    ]


def test_more_terms_than_the_limit_are_all_shown() -> None:
    """The limit is exceeded for that, and only for that."""
    words = [f"w{number}" for number in range(9)]
    assert len(proof(" AND ".join(words), " ".join(words * 3), 5)) == 9


def test_a_stretch_over_two_sentences_shows_both() -> None:
    """A phrase may cross a sentence's end; so may what overlaps."""
    (found,) = proof("jet tank", "First. A jet. Tanks roll. Last.")
    assert (found.text, found.sentence) == ("jet. Tanks", "A jet. Tanks roll.")


def test_what_crosses_a_sentences_end_is_as_good_as_the_better_sentence() -> None:
    """The second holds most terms; what begins in the first comes before others."""
    text = "It flew. Over Ankara tanks rolled. A jet met a tank."
    found = proof('"flew over" AND "over ankara" AND tank AND roll AND jet', text)
    assert found[0].text == "flew. Over Ankara"


def test_a_long_chain_of_overlaps_is_not_one_stretch() -> None:
    """Of a text that repeats one phrase for pages, only the best mention is shown."""
    found = proof("jet jet", "jet " * 5_000)
    assert [(each.start, each.text) for each in found] == [(0, "jet jet")]


@given(st.integers(0, 60), st.integers(0, 60), st.none() | st.integers(-2, 2), st.integers(0, 60))
@settings(max_examples=80)
def test_only_a_sentence_that_is_too_long_is_cut(
    left: int, right: int, over: int | None, before: int
) -> None:
    """Wherever in the text it stands, on the side that is long, to a length that is allowed."""
    sentence = f"So {'word ' * left}jet now{' long' * right}."
    if over is not None:  # near the edge
        sentence = f"{sentence[:-1]}{'s' * (MAX_SENTENCE_CHARS + over - len(sentence))}."
    (found,) = proof("jet", an_article(body="It rains here. " * before + sentence, title=""))
    shown = found.sentence.strip("…")
    assert "jet" in shown
    assert shown in sentence
    assert (shown == sentence) == (len(sentence) <= MAX_SENTENCE_CHARS)
    assert len(shown) <= MAX_SENTENCE_CHARS
    if shown != sentence:
        cuts = found.sentence.startswith("…") + found.sentence.endswith("…")
        assert len(shown) >= cuts * (MAX_SENTENCE_CHARS // 2 - MAX_CUT_SHIFT_CHARS - 3)
        assert found.sentence.startswith("…") == (not sentence.startswith(shown))
        assert found.sentence.endswith("…") == (not sentence.endswith(shown))


def test_a_cut_is_moved_a_little_and_not_to_a_far_space() -> None:
    """Where a text has no spaces, as a long address has none, it is cut in the middle."""
    address = "x" * 900
    (found,) = proof("jet", f"So jet now {address}.")
    assert found.sentence.count("x") > MAX_SENTENCE_CHARS // 3
    (found,) = proof("jet", f"{address} now jet.")
    assert found.sentence.count("x") > MAX_SENTENCE_CHARS // 3


def test_a_word_longer_than_a_sentence_may_be_is_shown_each_time() -> None:
    """It is no chain of overlaps."""
    word = "x" * (MAX_SENTENCE_CHARS + 1)
    assert len(proof(word, f"{word}. So {word}.")) == 2


def test_a_cut_falls_between_words() -> None:
    """Where there are any near enough."""
    (found,) = proof("jet", "something " * 100 + "jet" + " something" * 100)
    assert set(found.sentence.strip("…").split()) == {"something", "jet"}


def test_the_event_and_the_log_tell_the_same() -> None:
    """The event has all of it; a log line says zone, place and words."""
    article = an_article(title="Two fighter\njets and a tank")
    data = {"evidence": evidence_facts(proof("fighter jet AND jet AND tank", article))}
    assert data["evidence"][0] == {
        "term": "fighter jet",
        "terms": ["fighter jet", "jet"],
        "zone": "title",
        "start": 4,
        "end": 16,
        "text": "fighter\njets",
        "sentence": "Two fighter jets and a tank",
    }
    assert evidence_lines(data) == ["title 4-16 “fighter jets”", "title 23-27 “tank”"]
    assert evidence_lines({}) == []


# --- whatever the expression and the script ----------------------------------------------------

SCRIPTS = [
    "Türkiye’nin",
    "İstanbul",
    "TU\u0308RKI\u0307YE",
    "Straße",
    "ﬁghter",
    "ｊｅｔ",
    "日本の戦闘機",
    "เครื่องบินรบ",
    "می\u200cخواهم",
    "क्\u200dषेत्र",
    "Τουρκία",
    "Беларусь",
    "👩🏽\u200d✈️",
    "U.S.",
    "J.",
    "don’t",
    "JF-17",
]
"""Words of many scripts: combining marks, ligatures, full-width, joiners, emoji, acronyms."""
TERMS = [parse_item(f'"{word}"') for word in SCRIPTS if word[0] != "👩"]


GAPS = [" ", " ", " ", ", ", ". ", "。", "\n", "\n\n", "-", " … ", ""]


def a_zone(chance: Random) -> str:
    """A text of words from many scripts, with stops, line breaks and paragraphs between them."""
    words = chance.choices([*sorted(WORD), *SCRIPTS], k=chance.randint(0, 14))
    return "".join(word + chance.choice(GAPS) for word in words)


def a_text_of_many_scripts(chance: Random) -> Article:
    """An article of such zones."""
    title, lead, body = (a_zone(chance) for _ in range(3))
    return an_article(body, title=title, lead=lead, **METADATA)


def many_scripts(chance: Random, size: int) -> Node:
    """An expression over the whole grammar, with words of many scripts beside it."""
    node = ExpressionMaker(chance).expression(size)
    others = tuple(chance.sample(TERMS, chance.randint(0, 4)))
    if not others:
        return node
    wider = Or((node, *others))
    choices: list[Node] = [wider, And((wider, Or(others))), Or(others)]
    return chance.choice(choices)


def same(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def are_disjoint(pieces: Sequence[Evidence]) -> bool:
    """Whether no two of them overlap."""
    places = sorted((each.zone, each.start, each.end) for each in pieces)
    return all(one[0] != other[0] or one[2] <= other[1] for one, other in pairwise(places))


@settings(max_examples=300)
@given(sized(many_scripts, 2), seeded(a_text_of_many_scripts), st.integers(1, 6))
def test_whatever_is_shown_is_there(node: Node, article: Article, limit: int) -> None:
    """Text, sentence and terms of every piece; no two overlap; every term is named; the limit."""
    index = ArticleIndex(article)
    result = evaluate(node, index, "en")
    if not result.holds:
        return
    found = evidence(result, index, limit)
    texts, terms = dict(article.zones()), positive_mentions(result)
    for each in found:
        assert each.text == texts[each.zone][each.start : each.end]
        assert each.text.strip() == each.text != ""
        assert same(each.text) in same(each.sentence)
        assert same(each.sentence).strip("…") in same(texts[each.zone])
        assert each.term in each.terms
        assert list(each.terms) == [label for label in terms if label in each.terms]
        for label in each.terms:
            assert any(
                (m.zone, m.start >= each.start, m.end <= each.end) == (each.zone, True, True)
                for m in terms[label]
            )
    assert are_disjoint(found)
    assert {label for each in found for label in each.terms} == set(terms)
    assert len(found) <= max(limit, len(terms))
    assert found == evidence(evaluate(node, ArticleIndex(article), "en"), index, limit)


@settings(max_examples=150)
@given(sized(many_scripts, 2), seeded(a_text_of_many_scripts))
def test_with_room_for_all_every_mention_is_shown(node: Node, article: Article) -> None:
    """Each lies within one piece, so what is not shown is left out for the limit's sake alone."""
    index = ArticleIndex(article)
    result = evaluate(node, index, "en")
    if not result.holds:
        return
    found = evidence(result, index, 1_000)
    for label, mentions in positive_mentions(result).items():
        for mention in mentions:
            (piece,) = [
                each
                for each in found
                if each.zone == mention.zone
                and each.start <= mention.start
                and mention.end <= each.end
            ]
            assert label in piece.terms
