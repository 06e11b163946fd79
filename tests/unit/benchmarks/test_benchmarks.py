"""The benchmarks keep running: each at a tiny size, in this process, without the peers."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec

import pytest

from benchmarks.__main__ import main
from benchmarks.articles import whole_way
from benchmarks.corpus import corpus, hostile_inputs
from benchmarks.corpus.corpus import Corpus, Tree, article, node
from benchmarks.corpus.generated import ARTICLES
from benchmarks.matching import matching, process
from benchmarks.matching.exact import Leaves, by_chance
from benchmarks.matching.peers import Mokaccino, holds, in_forms
from benchmarks.record import PAGE, SECTIONS, with_record
from benchmarks.stream.scene import entry, scene
from builders.rules import SECRETS, load
from service.errors import QueryError
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.syntax.notation import unparse
from service.matching.syntax.parser import parse

GENERATED = Corpus("generated", None)
SEVEN = "One jet\n\nTwo fighter jets struck. Three struck none.\n\nFour of the fighters fought."


def term(word: str) -> Tree:
    """A tree of one word."""
    return {"op": "term", "v": word}


TREES = [
    (term("jet"), "jet", True),
    ({"op": "phrase", "v": ["fighter", "jet"]}, "fighter jet", True),
    ({"op": "phrase", "v": ["jet", "fighter"]}, "jet fighter", False),
    ({"op": "near", "a": "three", "b": "two", "k": 3}, "three NEAR/3 two", True),
    ({"op": "near", "a": "three", "b": "two", "k": 2}, "three NEAR/2 two", False),
    ({"op": "and", "args": [term("one"), term("ten")]}, "one AND ten", False),
    ({"op": "or", "args": [term("one"), term("ten")]}, "one OR ten", True),
    (
        {"op": "and", "args": [term("one"), {"op": "not", "arg": term("ten")}]},
        "one AND NOT ten",
        True,
    ),
]


@pytest.mark.parametrize(("tree", "expression", "expected"), TREES)
def test_a_stored_query_means_the_same_to_all(tree: Tree, expression: str, expected: bool) -> None:
    """The expression that it becomes, the oracle of `exact`, and what checks a peer's matches."""
    news = article(0, SEVEN)
    assert unparse(node(tree)) == expression
    assert evaluate(node(tree), ArticleIndex(news), "en").holds is expected
    assert Leaves([tree]).holding(news) == ({0} if expected else set())
    assert holds(in_forms(tree), Mokaccino().prepare(news)) is expected


def test_every_process_that_a_benchmark_starts_has_its_module() -> None:
    """A module that has moved is named by its new path in the command that starts it."""
    sources = "".join(
        path.read_text("utf-8") for path in PAGE.parents[1].glob("benchmarks/**/*.py")
    )
    named = re.findall(r'"-m", "(benchmarks[\w.]*)"', sources)
    assert len(named) >= 3
    assert all(find_spec(name) for name in named), named


def test_the_generated_corpus_is_like_the_news() -> None:
    """It is the same every time, its articles are as long, and its queries as many words."""
    articles = GENERATED.articles(40)
    trees = list(GENERATED.trees(300))
    assert articles == GENERATED.articles(40)
    assert trees == list(GENERATED.trees(300))
    assert 250 < sum(len(each.body.split()) for each in articles) / 40 < 600
    assert {tree["op"] for tree in trees} == {"and", "near"}
    assert ARTICLES > 2_000


def test_queries_beyond_those_of_the_corpus_differ_from_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A million are the same again, each with another word, so that all are in effect new."""
    monkeypatch.setattr(corpus, "QUERIES", 100)
    trees = list(GENERATED.trees(250))
    assert len({json.dumps(tree) for tree in trees}) == 250
    words = [sum(1 for _ in corpus.leaves(tree)) for tree in trees]
    assert [count - 1 for count in words[100:200]] == words[:100]


def test_the_table_is_made_of_rounds() -> None:
    """Each contestant that needs nothing installed runs, and its figures fill a line and goals."""
    trees = list(GENERATED.trees(60))
    articles = GENERATED.articles(4)
    results = {}
    for name in ("floor", "this engine", "plain evaluator"):
        contestant, loaded = process.load(name, trees, articles)
        rounds = tuple(process.one_round(contestant, articles, 0.0) for _ in range(2))
        results[name] = matching.Result(loaded, rounds)
        assert len(" ".join(matching.row(60, name, results[name]))) < 100
    assert matching.agreement(results) == "4 articles: the same matches"
    reached = matching.goals({10_000: results}, {10_000: 1.8})
    assert [goal.bound for goal in reached] == [0.4, 1 / 3, 1.7]
    assert reached[-1].line().endswith("met")


def test_the_engine_is_exact_on_expressions_by_chance() -> None:
    """The comparison that `make bench ARGS=exact` makes at length."""
    count = by_chance(7, expressions=40, articles=8)
    assert count.pairs == 320
    assert count.matches > 20
    assert count.differences == []


@pytest.mark.parametrize("family", hostile_inputs.EXPRESSIONS)
def test_hostile_expressions_are_read_or_refused(family: str) -> None:
    """Those that are called too long or too deep are refused, all others are read."""
    sizes, make = hostile_inputs.EXPRESSIONS[family]
    if ", too " in family:
        with pytest.raises(QueryError):
            parse(make(sizes[0])[0])
    else:
        parse(make(min(sizes[0], 50))[-1])


@pytest.mark.parametrize("text", hostile_inputs.TEXTS)
def test_hostile_texts_grow_with_their_size(text: str) -> None:
    """Twice the size is twice the text."""
    make = hostile_inputs.TEXTS[text]
    assert len(make(1_200)) == pytest.approx(2 * len(make(600)), rel=0.01)


@pytest.mark.parametrize("entry", hostile_inputs.ENTRIES)
def test_hostile_entries_grow_with_their_size(entry: str) -> None:
    """And the whole way takes each of them."""
    make = hostile_inputs.ENTRIES[entry]
    assert len(make(40_000).encode()) == pytest.approx(2 * len(make(20_000).encode()), rel=0.1)
    ((name, size, *steps),) = whole_way.on_entry(entry, [500])
    assert (name, size) == (entry, "500")
    assert steps[0]


def test_what_is_printed_is_recorded_under_its_mark() -> None:
    """In its own block of the page, whose other blocks stay as they are."""
    page = PAGE.read_text(encoding="utf-8")
    for name in SECTIONS:
        recorded = with_record(page, name, "2026-11-23\nfast \\1\n")
        assert f"<!-- {name} -->\n```\n2026-11-23\nfast \\1\n```\n" in recorded
        assert recorded.count("```") == page.count("```")
    with pytest.raises(ValueError, match="weather"):
        with_record(page, "weather", "")


def test_sections_explain_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    """`make bench ARGS=--help` names the sections, an unknown one is refused."""
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert [name for name in SECTIONS if name not in said] == []
    assert main(["speed"]) == 2


def test_watchlists_match_as_often_as_is_asked_for() -> None:
    """The scene of the match side, and its rules, which the service reads."""
    articles = GENERATED.articles(40)
    drawn = scene(GENERATED, articles, 30, 0.5)
    assert len(drawn.trees) == 30
    assert 0.5 <= drawn.matches < 1.5
    rules = load({"rules.yaml": drawn.rules()}, SECRETS.get)
    assert (len(rules.watchlists), rules.faults) == (30, ())
    found = rules.engine.matching_queries(articles)
    assert sum(map(len, found)) / len(articles) == drawn.matches
    assert "html" in entry(0, articles[0], 0.1)
    assert "html" not in entry(1, articles[1], 0.1)
