"""The engine finds what the plain evaluator finds, in every script and however words collide."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.articles import an_article
from builders.expressions import expressions, texts
from oracles.plain_matcher import numbers, plainly, queries_of
from service.matching.engine.compile import code_points, compile_queries
from service.matching.engine.engine import MULTIPLIER, Engine
from service.matching.engine.kernel.scan import scan
from service.matching.engine.kernel.table import FormTable, Hashing
from service.matching.query import Query, Suppressor
from service.matching.syntax.parser import parse, parse_item
from service.matching.syntax.tree import Node, Or
from service.matching.words.characters import character_classes
from service.matching.words.text import split_text

# Pieces of which texts are made that are hard to cut into words and sentences.
_PIECES = [
    "jet",
    "Jets",
    "JET",
    "jet's",
    "JET'S",
    "jet’s",
    "Turkey",
    "U.S.",
    "U.S",
    "u.s.a",
    "A.B.C.D",
    "U.S.Army",
    "Mr.",
    "J.",
    "e.g.",
    "z.B.",
    "No.",
    "5",
    "1,000.5",
    "5,",
    "5〇.5",
    "1２〇,000",
    "5๒",
    "3.x",
    "F-16s",
    "F16",
    "airstrikes",
    "air strike",
    "Mueller",
    "Müller",
    "jet´s",
    "είναι;",
    "Mrd.",
    "3.",
    "လာသည်။",
    "17",
    "日本",
    "中国と",
    "カー",
    "ไทย",
    "é",
    "e\u0301",
    "\u0301",
    "می\u200cخواهم",
    "❤\ufe0f",
    "İstanbul",
    "ı",
    "straße",
    "he",
    "The",
    "Army",
    "U.S",
    "Corp",
    "No",
    "5",
    "Mai",
    "z",
    "UAVs",
    "обʼєкт",
    "„",
    "»",
    "—",
    ".",
    "!",
    "?",
    "…",
    "؟",
    "।",
    "。",
    "？」",
    "”",
    "“",
    "'",
    "’",
    ")",
    "(",
    "-",
    "_",
    ",",
    "\u00a0",
    "\ud800",
    " ",
    " ",
    " ",
    "\n",
    "\n\n",
    "\n \n",
    "\t",
]
_tricky = st.lists(st.sampled_from(_PIECES), max_size=25).map("".join)


@given(st.lists(expressions(), min_size=1, max_size=12), st.lists(texts(), min_size=1, max_size=6))
@settings(max_examples=60)
def test_the_engine_equals_the_plain_evaluator(nodes: list[Node], found: list) -> None:  # type: ignore[type-arg]
    """Over the whole grammar, for several queries and articles at once."""
    queries = [Query(str(number), node, "en") for number, node in enumerate(nodes)]
    articles = [text.article() for text in found]
    expected = [plainly(queries, article) for article in articles]
    assert numbers(Engine.from_queries(queries), articles) == expected


@given(_tricky)
@settings(max_examples=150)
def test_the_kernel_reads_the_same_words(text: str) -> None:
    """The same surfaces at the same places as the regular expression finds."""
    nothing = FormTable(np.zeros(2, np.uint64), np.zeros(2, np.uint32))
    bounds, quiet = np.array([0, len(text)]), np.zeros(1, np.uint8)
    hashing = Hashing(np.uint64(1), np.uint64(MULTIPLIER))
    words = scan(code_points(text), bounds, quiet, character_classes(), nothing, 0, hashing)
    read = [
        (start, end, text[start:end].replace(".", "") if acronym else text[start:end])
        for _, start, end, _, acronym in words.unknown.reshape(-1, 5).tolist()
    ]
    expected = split_text(text)
    assert read == list(zip(expected.starts, expected.ends, expected.surfaces, strict=True))


_PLACES = queries_of(
    "jet NEAR/s Turkey",
    "jet NEAR/p Turkey",
    "jet NEAR/1 U.S.",
    "jet ONEAR/2 army",
    '"jet army"',
    "Turkey NEAR/s he",
    "U.S. NEAR/s army",
    "日本 NEAR/s jet",
    "5 NEAR/s jet",
    "Mr. NEAR/s the",
    "atleast2(jet)",
    "title:jet",
    "caps(jet)",
    "cs(Jets)",
    "می‌خواهم",
    "istanbul",
    "strasse NEAR/s the",
    "jet NEAR/s jet",
    "F-16",
    "F16 NEAR/s jet",
    "atleast2(air strike)",
    "caps(F-16) OR title:airstrike",
    "Mueller",
    "Müller NEAR/s jet",
    "είναι NEAR/s jet",
    "လာသည် NEAR/s jet",
)


@given(_tricky, _tricky, _tricky, st.sampled_from(["en", "de", "el", "ko", ""]))
@settings(max_examples=150)
def test_the_engine_divides_texts_as_the_evaluator_does(
    title: str, lead: str, body: str, language: str
) -> None:
    """Sentences, paragraphs, zones and scripts that are hard to tell apart."""
    article = an_article(title=title, lead=lead, body=body, language=language)
    assert numbers(_ENGINE, [article]) == [plainly(_PLACES, article)]


def test_the_engine_ends_sentences_where_the_evaluator_does() -> None:
    """After each kind of word that a dot may belong to, before each kind that may go on."""
    befores = ("Corp.", "Mr.", "J.", "No.", "etc.", "U.S.", "e.g.", "5.", "V.", "he.", "Jan.", "A.")
    afters = ("A. Smith", "A man", "a man", "I. Smith", "I am", "5 men", "He left", "V. Lenin", "V")
    articles = [
        an_article(body=f"Alpha {before} {after} gamma", title="", lead="", language="en")
        for before in befores
        for after in afters
    ]
    queries = queries_of("alpha NEAR/s gamma")
    found = numbers(Engine.from_queries(queries), articles)
    assert found == [plainly(queries, article) for article in articles]
    assert {tuple(each) for each in found} == {(), (0,)}


_ENGINE = Engine.from_queries(_PLACES)


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join))
@settings(max_examples=30)
def test_words_that_share_a_hash_stay_two_words(text: str) -> None:
    """With every word's hash made the same, only the characters tell them apart."""
    article = an_article(title="", lead="", body=text, language="en")
    assert numbers(_COLLIDING, [article]) == [plainly(_PLACES, article)]


_COLLIDING = Engine(compile_queries(_PLACES), _PLACES.__getitem__, max_forms=50, multiplier=0)


def test_more_words_in_rules_than_are_remembered_of_articles() -> None:
    """They have room of their own; with too little for both, each article would begin anew."""
    queries = queries_of(*(f"phrase{number}" for number in range(40)))
    engine = Engine(compile_queries(queries), queries.__getitem__, max_forms=3)
    for number in range(20):
        text = f"phrase{number} and unseen{number} and others{number}"
        article = an_article(body=text, language="en")
        assert numbers(engine, [article]) == [plainly(queries, article)]
    assert engine.remembered_forms() < 2 * 40 + 10


def test_an_article_is_counted_once() -> None:
    """Also where its matches need more room than there is."""
    engine = Engine.from_queries(queries_of(*["jet"] * 3_000))
    articles = [an_article(body="One jet.", language="en")] * 5
    assert numbers(engine, articles) == [[*range(3_000)]] * 5
    assert engine.word_counts() == ({"jet": 5}, 5)


_LISTS = {
    "some": "jet OR missile test OR caps(Turkey)",
    "odd": "army OR NOT jet OR source:bbc",
    "none": "",
}
_WITH_LISTS = [
    "$some", "title:$some", "any2($some)", "title:any2($some)", "any1($odd) AND army",
    "army NEAR/2 $some", "army NEAR/2 (tank OR $some)", "tank NEAR/2 title:$some",
    "atleast2($some)", "atleast2(title:$some)", "army AND NOT $some", "army AND NOT title:$some",
    "army AND $odd", "army OR any2($some)", "army AND ($none OR $some)", "army OR any1($none)",
    "lead:($some AND any1($some))", "$some NEAR/1 $some",
]  # fmt: skip


@given(
    st.lists(
        st.lists(st.sampled_from(["jet", "missile", "test", "Turkey", "army", "tank"]), max_size=5),
        min_size=3,
        max_size=3,
    )
)
@settings(max_examples=100)
def test_lists_that_many_queries_name(zones: list[list[str]]) -> None:
    """In whatever place they are named, more than once and in two languages."""
    article = an_article(*[" ".join(zone) for zone in zones[:1]], title=" ".join(zones[1]))
    article = replace(article, lead=" ".join(zones[2]), language="en")
    assert numbers(_listed(), [article, article]) == [plainly(_NAMING, article)] * 2


def _naming_lists() -> list[Query]:
    nodes: dict[str, Node] = {}
    for name, text in _LISTS.items():
        items = tuple(parse_item(each, nodes) for each in text.split(" OR ") if each)
        nodes[name] = Or(items, name)
    return [
        Query(f"{language} {text}", parse(text, nodes), language)
        for language in ("en", "de", "en")
        for text in _WITH_LISTS
    ]


_NAMING = _naming_lists()


@cache
def _listed() -> Engine:
    """Compiled when it is needed: to collect tests should not load a German dictionary."""
    return Engine.from_queries(_NAMING)


def test_patterns_that_begin_and_end_alike() -> None:
    """They are told apart by both ends first."""
    queries = queries_of(
        "a*xyz", "a*yz1", "a*b*xyz", "abc*", "ab?xyz", "a??bc*", "abcx*z", "ab*b?z"
    )
    words = ["axyz", "abxyz", "abcxyz", "ayz", "abc", "ab", "a12", "abz", "abcxz", "abbxz", "ayz1"]
    articles = [an_article(body=word, language="en") for word in words]
    expected = [plainly(queries, article) for article in articles]
    assert numbers(Engine.from_queries(queries), articles) == expected


@pytest.mark.parametrize("queries_in", ["de", "en", "ru"])
@pytest.mark.parametrize("article_in", ["", "de", "en", "ru", "ur", "de-at", "xx"])
def test_inflection_in_both_languages(queries_in: str, article_in: str) -> None:
    """Of the query and of the article, whether a language has lemmas or not."""
    queries = [
        *queries_of("Haus", "самолёт", "strike", "caps(Haus)", language=queries_in),
        *queries_of("Haus", "самолёт", "strike", language="en"),
    ]
    engine = Engine.from_queries(queries)
    for body in ("Die Häuser", "Два самолёта", "They struck", "häuser", "ein Haus"):
        article = an_article(title="", lead="", body=body, language=article_in)
        assert numbers(engine, [article]) == [plainly(queries, article)]


def test_zones_that_shout() -> None:
    """A zone all in capitals tells nothing by them: `STRUCK` is a form of strike there only."""
    queries = queries_of("strike", "US", "aid")
    engine = Engine.from_queries(queries)
    for title in ("TROOPS STRUCK US AIDS", "Troops STRUCK US AIDS"):
        article = an_article(title=title, lead="", body="", language="en")
        assert numbers(engine, [article]) == [plainly(queries, article)]


def test_an_exception_suppresses_in_the_engine() -> None:
    """Also one that is metadata alone, or a negation."""
    suppressors = [parse_item("source:bbc"), parse_item("NOT turkey")]
    queries = [
        Query(str(number), parse("jet"), "en", (Suppressor("x", node),))
        for number, node in enumerate(suppressors)
    ]
    articles = [
        an_article(title="A jet in Turkey", lead="", body="", source=source)
        for source in ("BBC", "Reuters")
    ]
    assert numbers(Engine.from_queries(queries), articles) == [[1], [0, 1]]


def test_the_table_of_forms_begins_anew_when_it_is_full() -> None:
    """More words than it may hold are still read right, and it stays within its bound."""
    queries = queries_of("w7 AND w70", "w500 NEAR/1 w501")
    engine = Engine(compile_queries(queries), queries.__getitem__, max_forms=100)
    for start in range(0, 600, 50):
        words = " ".join(f"w{number}" for number in range(start, start + 100))
        article = an_article(title="", lead="", body=words, language="en")
        assert numbers(engine, [article]) == [plainly(queries, article)]
        assert engine.remembered_forms() <= 100 + 100


def test_threads_share_an_engine() -> None:
    """Articles with words that nobody has seen, read in four threads at once."""
    queries = queries_of("w7 AND w8", "w50 NEAR/1 w51", "w99")
    engine = Engine(compile_queries(queries), queries.__getitem__, max_forms=500)
    wrong: list[str] = []

    def read(offset: int) -> None:
        for start in range(offset, 1200, 4):
            words = " ".join(f"w{number % 1000}" for number in range(start, start + 60))
            article = an_article(title="", lead="", body=words, language="en")
            if numbers(engine, [article]) != [plainly(queries, article)]:
                wrong.append(words)

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_list_that_many_queries_name_is_one_unit() -> None:
    """Whether it is an anchor, a negation, counted or near; lists within lists too."""
    inner = parse_item("turkey OR ankara")
    lists = {"places": inner, "all": parse_item("$places OR fighter jet", {"places": inner})}
    said = [
        "$all AND missile",
        "missile AND NOT $places",
        "any2($all, missile)",
        "$places NEAR/2 jet",
    ]
    queries = [Query(text, parse(text, lists), "en") for text in said]
    for body in ("Ankara missile", "fighter jets missile", "Turkey jet", "missile", "nothing"):
        article = an_article(title="", lead="", body=body)
        assert numbers(Engine.from_queries(queries), [article]) == [plainly(queries, article)]


@pytest.mark.parametrize("number", [30, 300, 70_000])
def test_matches_come_in_the_order_of_thequeries_of(number: int) -> None:
    """However many match, and however many bytes their numbers have."""
    nodes = [parse(f"word{letter}") for letter in "abcdefg"]
    queries = [Query(str(each), nodes[-each % 7], "en") for each in range(number)]
    article = an_article(title="Wordc wordb", lead="", body="wordd and no more")
    expected = [each for each in range(number) if -each % 7 in (1, 2, 3)]
    assert numbers(Engine.from_queries(queries), [article, article]) == [expected, expected]


def test_every_code_point_has_its_classes() -> None:
    """The table leaves out planes without letters; the regular expressions are asked for all."""
    import regex

    from service.matching.words.characters import _CLASSES

    text = "".join(map(chr, range(len(character_classes()))))
    for pattern, bit in _CLASSES.items():
        there = np.zeros(len(text), np.bool_)
        for run in regex.finditer(rf"(?V1)(?:{pattern})+", text):
            there[run.start() : run.end()] = True
        assert np.array_equal((character_classes() & bit) != 0, there), pattern


def test_a_language_that_nobody_knows_takes_no_room() -> None:
    """Whatever articles say that they are in, unknown languages share one table."""
    queries = queries_of("jet")
    engine = Engine.from_queries(queries)
    articles = [an_article(title="A jet", language=f"q{chr(97 + number)}") for number in range(20)]
    assert numbers(engine, articles) == [[0]] * 20
    before = engine.remembered_forms()
    assert numbers(engine, [an_article(title="A jet", language="qzz")]) == [[0]]
    assert engine.remembered_forms() == before
