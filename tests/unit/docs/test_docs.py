"""The documents say what the code does."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.rules import load
from service.articles.article import Article, compose
from service.articles.entry import ENVELOPES, METADATA, TEXTS, read_entry
from service.articles.entry.status import STATUS
from service.errors import QueryError
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evaluate import evaluate
from service.matching.evaluation.judge import judge
from service.matching.evaluation.score import score
from service.matching.syntax.parser import parse
from service.matching.syntax.symbol_cursor import MAX_NESTING
from service.matching.syntax.tree import Node
from service.rules.rules import Rules
from service.rules.schema import ARTICLE_FIELDS

ROOT = Path(__file__).parents[3]
LEVELS = ("debug", "info", "warning", "error", "exception")


def document(name: str) -> str:
    """The text of a page under docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(text: str, *header: str) -> list[tuple[str, ...]]:
    """The rows of every table with this header; code marks are taken off."""
    found: list[tuple[str, ...]] = []
    inside = False
    for line in text.splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if not line.startswith("|"):
            inside = False
        elif cells == header:
            inside = True
        elif inside and not line.startswith("|---"):
            found.append((cells[0].strip("`"), *cells[1:]))
    return found


def block(text: str, language: str) -> str:
    """What stands in the page's one fenced block of that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def article(fields: dict[str, Any]) -> Article:
    """The article of an entry with these fields."""
    return compose(read_entry({b"article": json.dumps(fields).encode()}, max_bytes=10_000))


def rules(text: str) -> Rules:
    """Rules without a fault."""
    loaded = load({"page.yaml": text}, None)
    assert loaded.faults == ()
    return loaded


def test_the_page_on_articles_names_every_field() -> None:
    """Those that hold text first, and the names of envelopes above them."""
    page = document("articles.md")
    fields = [name for name, _ in rows(page, "field", "what it holds")]
    assert set(fields[: len(TEXTS)]) == set(TEXTS)
    assert set(fields[len(TEXTS) :]) == {*METADATA, STATUS}
    assert {*TEXTS, *METADATA} == {*ARTICLE_FIELDS}
    assert all(f"`{name}`" in page.split("| field", 1)[0] for name in ENVELOPES)


@pytest.mark.parametrize(
    ("given", "meant"), re.findall(r"`(\S+)` is ([^\s,.]+)[,.]", document("articles.md"))
)
def test_letters_are_mended_as_the_page_says(given: str, meant: str) -> None:
    """Each example of a broken word, and what it becomes."""
    assert article({"title": given}).title == meant


QUERIES = document("query-language.md")


@pytest.fixture(scope="module")
def lists() -> dict[str, Node]:
    """The lists of the page, as the rules loader makes them."""
    names = re.findall(r"^  (\w+): \[", block(QUERIES, "yaml"), re.MULTILINE)
    used = "\n".join(f"  - {{id: {name}, match: ${name}}}" for name in names)
    loaded = rules(f"{block(QUERIES, 'yaml')}\nwatchlists:\n{used}\n")
    return {name: watchlist.query.node for name, watchlist in loaded.watchlists.items()}


@pytest.mark.parametrize(
    ("expression", "text", "verdict"), rows(QUERIES, "expression", "in this text", "matches")
)
def test_an_expression_matches_what_the_page_says(
    lists: dict[str, Node], expression: str, text: str, verdict: str
) -> None:
    """Each row of the tables: an expression, a text, yes or no."""
    node = parse(expression, lists)
    index = ArticleIndex(article({"body": text, "language": "en"}))
    assert {True: "yes", False: "no"}[evaluate(node, index, "en").holds] == verdict


@pytest.mark.parametrize(
    ("expression", "language", "text", "verdict"),
    rows(QUERIES, "expression", "language", "in this text", "matches"),
)
def test_a_language_inflects_as_the_page_says(
    expression: str, language: str, text: str, verdict: str
) -> None:
    """Each row of the tables of languages: article and watchlist are both in that language."""
    node = parse(expression)
    index = ArticleIndex(article({"body": text, "language": language}))
    assert {True: "yes", False: "no"}[evaluate(node, index, language).holds] == verdict


PEERS = rows(QUERIES, "to say", "Tocsin", "Meltwater", "Factiva", "Lexis", "Lucene", "Google")


@pytest.mark.parametrize("expression", [ours for _, ours, *_ in PEERS if ours != "refused"])
def test_what_is_said_in_other_systems_can_be_said(lists: dict[str, Node], expression: str) -> None:
    """Our column of the table of other systems holds expressions."""
    parse(f"jet AND ({expression.strip('`')})", lists)


@pytest.mark.parametrize(("expression", "verdict"), rows(QUERIES, "expression", "matches"))
def test_a_field_holds_as_the_page_says(expression: str, verdict: str) -> None:
    """Each row of the table of fields, on the article that is shown above it."""
    index = ArticleIndex(article(json.loads(block(QUERIES, "json"))))
    assert {True: "yes", False: "no"}[evaluate(parse(expression), index, "en").holds] == verdict


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    rows(QUERIES, "expression", "what is wrong", "what to write"),
)
def test_a_mistake_is_told_as_the_page_says(
    lists: dict[str, Node], expression: str, message: str, hint: str
) -> None:
    """The messages on the page are those of the parser."""
    with pytest.raises(QueryError) as caught:
        parse(expression, lists)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_the_limits_are_those_of_the_page() -> None:
    """64 KiB and the depth: the last that is taken, and the first that is not."""
    assert (
        f"64 KiB an expression; parentheses, functions, `NOT` and fields nested {MAX_NESTING} deep"
        in QUERIES
    )
    parse("(" * MAX_NESTING + "jet" + ")" * MAX_NESTING)
    parse("x" * 64 * 1024)
    for beyond in (
        "(" * (MAX_NESTING + 1) + "jet" + ")" * (MAX_NESTING + 1),
        "x" * (64 * 1024 + 1),
    ):
        with pytest.raises(QueryError):
            parse(beyond)


def test_no_table_of_the_query_language_is_left_out() -> None:
    """Every row of the page is in one of the tables that are run."""
    run = sum(
        len(rows(QUERIES, *header))
        for header in (
            ("expression", "in this text", "matches"),
            ("expression", "language", "in this text", "matches"),
            ("expression", "matches"),
            ("expression", "what is wrong", "what to write"),
        )
    )
    assert run == len([line for line in QUERIES.splitlines() if line.startswith("| `")]) > 40


def test_the_worked_example_is_what_the_code_computes() -> None:
    """docs/scoring.md: clauses with mass and value, closeness, the sum."""
    page = document("scoring.md")
    (watchlist,) = rules(block(page, "yaml")).watchlists.values()
    fields = {"language": "en"} | json.loads(block(page, "json"))
    found = judge(watchlist.query, ArticleIndex(article(fields))).score
    assert found is not None
    told = [
        (label, float(re.findall(r"(\d+)(?: \(\w+\))?$", mass)[0]), value)
        for label, mass, value in rows(page, "clause", "mass", "value")
    ]
    assert told == [(one.label, one.mass, f"{one.value:.3f}") for one in found.clauses]
    first, second = found.clauses
    (boost,) = found.boosts
    total = (
        f"100 × √({first.value:.3f} × {second.value:.3f}) × {found.closeness:g}"
        f" + {boost.points:g} = {found.value:g}"
    )
    assert f"\n    {total}\n" in page


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    rows(document("scoring.md"), "expression", "in this text", "score"),
)
def test_a_score_is_what_the_page_says(expression: str, text: str, expected: str) -> None:
    """Each row of the table in docs/scoring.md; the text is the body of an English article."""
    fields = {"summary": "The lead.", "body": text, "language": "en"}
    result = evaluate(parse(expression), ArticleIndex(article(fields)), "en")
    assert f"{score(result).value:g}" == expected


DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_in_form(path: Path) -> None:
    """Under 200 words, with context, decision and consequences; its number is its file's."""
    text = path.read_text(encoding="utf-8")
    assert len(text.split()) < 200
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert re.match(rf"# {int(path.name[:4])}\. ", text)


def test_decisions_are_numbered_without_a_gap() -> None:
    """0001, 0002 and on."""
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert DECISIONS


def logged(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Event and level of every call such as `log.info("article.matched", …)`."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, level = node.func.value, node.func.attr
        if isinstance(owner, ast.Name) and owner.id in ("log", "_log") and level in LEVELS:
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value, "error" if level == "exception" else level


def test_every_event_is_listed_with_its_level() -> None:
    """docs/events.md has each event that the code logs, and no other."""
    code = {
        found
        for path in (ROOT / "service").rglob("*.py")
        for found in logged(ast.parse(path.read_text(encoding="utf-8")))
    }
    listed = rows(document("events.md"), "event", "level", "when", "ids")
    assert sorted((event, level) for event, level, *_ in listed) == sorted(code)


def test_an_event_is_found_wherever_it_is_written() -> None:
    """The search would notice an event in a conditional expression, and one of an exception."""
    code = "log.info('a.b' if x else 'a.c', id=1)\n_log.exception('a.d')\nother.info('a.e')"
    assert set(logged(ast.parse(code))) == {("a.b", "info"), ("a.c", "info"), ("a.d", "error")}
