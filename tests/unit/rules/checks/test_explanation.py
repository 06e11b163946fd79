"""`tocsin explain`: what an article says, and why each watchlist matches or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from builders.rules import load
from service.articles.article import compose
from service.articles.entry import read_entry
from service.cli.explain import app
from service.cli.output.explanation import render_article
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.judge import judge
from service.rules.checks.explanation import explain as explained
from service.rules.checks.explanation import reasons

RULES = """
watchlists:
  - id: jets
    match: Turkey AND fighter jet
    except: {sport: cricket OR football}
    boost:
      - {when: "title:fighter jet", points: 10}
      - {when: "missile", points: 5}
  - id: tanks
    match: Turkey AND (tank OR armour) AND NOT delayed
  - id: high
    match: Turkey
    threshold: 90
"""
ARTICLE = {
    "id": "a1",
    "title": "Fighter jets for Turkey",
    "summary": "Delayed, but they come.",
    "body": "The fighter jets are for Turkey’s air force. A jet landed.",
    "language": "en",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the rules and the article."""
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "article.json").write_text(json.dumps(ARTICLE), encoding="utf-8")
    return tmp_path


def explain(folder: Path, *options: str, article: str = "article.json") -> str:
    """What the command prints at 80 columns, without white space at the ends of lines."""
    arguments = [str(folder / article), "--rules", str(folder / "rules.yaml")]
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*arguments, *options])
    assert done.exit_code == 0, done.output
    assert all(len(line) <= 80 for line in done.output.splitlines() if "--json" not in options)
    return "\n".join(line.rstrip() for line in done.output.splitlines())


def verdict(folder: Path, *options: str) -> str:
    """What is printed below the article."""
    _, mark, rest = explain(folder, *options).partition("■")
    return mark + rest


def test_a_match_is_told_as_a_sum_with_its_words(folder: Path) -> None:
    """Line by line; a boost that did not hold too; each sentence with its words and places."""
    assert verdict(folder, "--watchlist", "jets") == (
        """\
■ jets matched
  Turkey AND fighter jet
  Turkey                   0.833  mass 5: 5/6
  fighter jet              0.833  mass 5: 5/6
  geometric mean           0.833
  × closeness                  1  all in one sentence
  boost title:fighter jet    +10  points
  boost missile                   did not hold (+5)
  score                     93.3
  evidence
    title: “Fighter jets for Turkey”
      0–12 Fighter jets · 17–23 Turkey
    body: “The fighter jets are for Turkey’s air force.”
      4–16 fighter jets · 25–33 Turkey’s"""
    )


def test_a_miss_is_told_as_what_it_lacks(folder: Path) -> None:
    """How many clauses hold; the fewest that would have to, and what is there instead."""
    assert verdict(folder, "--watchlist", "tanks") == (
        """\
■ tanks missed: 1 of 3 clauses holds
  Turkey AND (tank OR armour) AND NOT delayed
  missing for a match
    tank         not mentioned; or armour
    NOT delayed  mentioned (lead)"""
    )


def test_an_exception_is_told_with_the_words_it_holds_by(folder: Path) -> None:
    """Before the sum that it makes void."""
    article = ARTICLE | {"body": "A cricket match."}
    (folder / "article.json").write_text(json.dumps(article), encoding="utf-8")
    assert verdict(folder, "--watchlist", "jets").splitlines()[:5] == [
        "■ jets excepted: the exception sport holds",
        "  Turkey AND fighter jet",
        "  exception sport: cricket OR football",
        "    body: “A cricket match.”",
        "      2–9 cricket",
    ]


def test_a_score_below_the_threshold_is_told_with_it(folder: Path) -> None:
    """Both numbers stand in the first line."""
    head = verdict(folder, "--watchlist", "high").splitlines()[0]
    assert head == "■ high below its threshold: it scores 83.3, its threshold is 90"


def test_without_an_id_what_misses_is_only_counted(folder: Path) -> None:
    """So that a thousand watchlists do not hide the one that matched."""
    printed = explain(folder)
    assert printed.endswith("1 more watchlist does not match; --watchlist ID shows what is missing")
    assert [line.split()[1] for line in printed.splitlines() if "■" in line] == ["jets", "high"]


def test_all_that_counts_is_marked_in_the_article() -> None:
    """Also what is not shown as evidence, for there is no room for it."""
    rules = load({"rules.yaml": RULES}, None)
    entry = {name.encode(): value.encode() for name, value in ARTICLE.items()}
    article = compose(read_entry(entry, max_bytes=10_000))
    watchlist = rules.watchlists["jets"]
    found = explained(watchlist, judge(watchlist.query, ArticleIndex(article)), 1)
    assert len(found.evidence) == 2
    cells: Any = render_article(article, [found])
    marked = [
        text.plain[span.start : span.end]
        for text in cells.columns[1].cells
        for span in getattr(text, "spans", ())
        if "yellow" in str(span.style)
    ]
    assert marked == ["Fighter jets", "Turkey", "fighter jets", "Turkey’s"]


def test_json_has_it_all(folder: Path) -> None:
    """Zones and cuts; of each watchlist the verdict, and score and evidence or what is lacking."""
    found = json.loads(explain(folder, "--json"))
    assert found["article"]["zones"] == {
        "title": "Fighter jets for Turkey",
        "lead": "Delayed, but they come.",
        "body": "The fighter jets are for Turkey’s air force. A jet landed.",
    }
    assert found["article"]["cuts"] == []
    jets, tanks, high = found["watchlists"]
    assert (jets["verdict"], jets["score"]["value"]) == ("matched", 93.3)
    assert jets["evidence"][0]["terms"] == ["fighter jet"]
    assert (high["verdict"], high["threshold"]) == ("below threshold", 90)
    assert tanks["verdict"] == "missed"
    assert tanks["shortfall"] == [
        {
            "clauses": [{"clause": "tank", "instead": "not mentioned"}],
            "or": [["armour"]],
            "ways": 2,
        },
        {
            "clauses": [{"clause": "NOT delayed", "instead": "mentioned (lead)"}],
            "or": [],
            "ways": 1,
        },
    ]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_cannot_be_read_keeps_no_other_back(folder: Path, options: tuple[str, ...]) -> None:
    """It is told beside the others, which are told as ever, and the exit code is 1."""
    second = ARTICLE | {"id": "a2", "title": "Tanks"}
    lines = [json.dumps(ARTICLE), '{"title": 7}', '{"colour": "red"}', json.dumps(second)]
    (folder / "several.jsonl").write_text("\n".join(lines), encoding="utf-8")
    arguments = [str(folder / "several.jsonl"), "--rules", str(folder / "rules.yaml"), *options]
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments)
    assert done.exit_code == 1
    assert done.stderr.count("several.jsonl") == 2
    if options:
        ids = [json.loads(line)["article"]["id"] for line in done.stdout.splitlines()]
        assert ids == ["a1", "a2"]
    else:
        assert "\n\ntitle    Tanks" in done.stdout


def test_each_reason_names_its_clause() -> None:
    """And says what is there instead."""
    article = compose(read_entry({b"article": json.dumps(ARTICLE).encode()}, max_bytes=10_000))
    tanks = load({"rules.yaml": RULES}, None).watchlists["tanks"]
    assert "NOT delayed: mentioned (lead)" in reasons(judge(tanks.query, ArticleIndex(article)))
