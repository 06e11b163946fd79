"""What past articles say of rules: each finding is that of sets that were made one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from builders.articles import an_article
from builders.findings import by_articles, found_in
from builders.rules import a_reader, load
from service.archive.clauses import counts
from service.archive.clauses.advice import LEAST_ARTICLES
from service.archive.clauses.parts import partless_queries
from service.articles.article import Article
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import Verdict, judge
from service.matching.query import Query
from service.rules.findings.review import review
from service.rules.rules import Watchlist

WORDS = ("port", "strike", "ship", "crane", "rain", "union")
SHAPES = (
    "{a} AND {b}", "({a} OR {b}) AND {c}", "{a} NEAR/1 {b}", "{a} AND NOT {b}", "{a}",
    "title:({a} OR {b})", "({a} NEAR/2 {b}) AND {c}",
)  # fmt: skip
CODES = {"clause": "T523", "distance": "T523", "alternative": "T524", "exception": "T525"}


def some_rules(choose: random.Random) -> str:
    """Twelve watchlists of few words, so that many are double or have a word too many."""
    lines = ["watchlists:"]
    for number in range(12):
        a, b, c, d = choose.sample(WORDS, 4)
        shape = choose.choice(SHAPES).format(a=a, b=b, c=c)
        excepts = f", except: {{no: {d}}}" if choose.random() < 0.4 else ""
        lines.append(f"  - {{id: w{number}, match: '{shape}'{excepts}, notify: [desk]}}")
    return "\n".join([*lines, "subscribers: [{id: desk, relay: 'json://desk.example'}]"])


def some_articles(choose: random.Random) -> list[Article]:
    """Thirty of few words; some words are more frequent than others."""
    weights = [choose.random() ** 2 for _ in WORDS]
    texts = [choose.choices(WORDS, weights, k=choose.randint(1, 6)) for _ in range(30)]
    return [an_article(" ".join(each[1:]), title=each[0]) for each in texts]


def found_by(query: Query, articles: Sequence[Article]) -> frozenset[int]:
    """The numbers of the articles for which a query holds, whatever they score."""
    holds = (Verdict.MATCHED, Verdict.BELOW)
    return frozenset(
        number
        for number, each in enumerate(articles)
        if judge(query, ArticleIndex(each)).verdict in holds
    )


def expected(watchlists: Sequence[Watchlist], articles: Sequence[Article]) -> set[tuple[str, str]]:
    """By watchlist, the codes that its sets give."""
    sets = [found_by(each.query, articles) for each in watchlists]
    made = set()
    for number, (watchlist, mine) in enumerate(zip(watchlists, sets, strict=True)):
        if len(mine) < LEAST_ARTICLES:
            continue
        larger = [other for other in sets if mine < other]
        if mine in sets[:number]:
            made.add((watchlist.id, "T521"))
        elif larger:
            made.add((watchlist.id, "T522"))
        for part in partless_queries(watchlist.query):
            if found_by(part.query, articles) == mine:
                made.add((watchlist.id, CODES[part.kind]))
    return made


@pytest.mark.parametrize("seed", range(12))
def test_what_is_found_is_what_sets_give(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several files, and with so few queries an engine that several are needed."""
    monkeypatch.setattr(counts, "QUERIES", 7)
    choose = random.Random(seed)
    text, articles = some_rules(choose), some_articles(choose)
    rules = load({"rules.yaml": text}, None)
    assert rules.faults == ()
    past = by_articles(articles[:11], articles[11:12], articles[12:])
    found = review({"rules.yaml": text}, a_reader(), past).advice
    made = {
        (one.message.partition(":")[0], one.code) for one in found if "T521" <= one.code < "T530"
    }
    sets = expected([*rules.watchlists.values()], articles)
    twins = {(one.message.partition(":")[0], "T521") for one in found if one.code == "T516"}
    assert made | (twins & sets) == sets


STRIKE = ["Port strike"] * LEAST_ARTICLES


def test_a_finding_stands_at_its_words_and_says_how_many_articles_were_asked() -> None:
    """A list is told of at the first item that nothing has, with those that are in none."""
    text = """
lists: {ports: [Hull, port, Genoa, Kiel]}
watchlists:
  - id: w
    match: strike AND $ports
    except: {bus: bus, air: air strike}
    notify: [desk]
    tests: [{match: {title: Port strike}}]
subscribers: [{id: desk, relay: 'json://desk.example'}]
"""
    past = [*STRIKE, "A bus strike in the port", "Bus strike", "port"]
    found = found_in(text, headlines=past)
    assert [(one.line, one.column, one.code) for one in found] == [
        (2, 17, "T526"), (5, 23, "T523"), (6, 29, "T525"),
    ]  # fmt: skip
    assert [one.message for one in found] == [
        "w: $ports: of 4 items 3 are in no article (of 8 looked at): Hull, Genoa, Kiel",
        "w: without “$ports” it finds the same: 5 articles (of 8 looked at)",
        "w: except air: this exception keeps nothing out: 5 articles (of 8 looked at)",
    ]


def test_what_is_written_twice_is_told_once() -> None:
    """Past articles say no more of it."""
    both = ("a, match: port AND strike", "b, match: strike AND port")
    items = "".join(f"  - {{id: {each}, notify: [desk]}}\n" for each in both)
    text = f"watchlists:\n{items}subscribers: [{{id: desk, relay: 'json://desk.example'}}]\n"
    codes = [one.code for one in found_in(text, headlines=[*STRIKE, "Bus strike", "A port"])]
    assert codes == ["T512", "T512", "T516"]


def test_few_articles_say_nothing() -> None:
    """What four did not need may be chance."""
    assert found_in("match: port AND strike", headlines=STRIKE[1:]) == ()
    assert len(found_in("match: port AND strike", headlines=STRIKE)) == 2


@pytest.mark.parametrize(
    ("narrower", "codes"),
    [
        ("notify: [desk]", ["T522"]),
        ("notify: [other]", []),
        ("notify: [desk], severity: high", []),
    ],
)
def test_a_narrower_watchlist_is_told_of_where_somebody_gets_each_article_twice(
    narrower: str, codes: list[str]
) -> None:
    """At one severity: a graver one has a reason to be."""
    text = f"""
watchlists:
  - {{id: a, match: strike, notify: [desk], tests: [{{match: {{title: x}}}}]}}
  - {{id: b, match: title:port, {narrower}, tests: [{{match: {{title: x}}}}]}}
subscribers:
  - {{id: desk, relay: "json://desk.example"}}
  - {{id: other, relay: "json://other.example"}}
"""
    found = found_in(text, headlines=[*STRIKE, "Bus strike"])
    assert [one.code for one in found] == codes


def test_a_comment_about_what_was_not_looked_for_is_not_idle() -> None:
    """Nobody can say of it without the articles; with them, it is used or idle."""
    text = "match: port AND strike # tocsin: ignore T523 because it is new"
    assert found_in(text) == ()
    assert found_in(text, headlines=STRIKE) == ()
    (idle,) = found_in(text, headlines=[*STRIKE, "Port", "Strike"])
    assert idle.code == "T602"
