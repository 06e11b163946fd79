"""`tocsin explain --match`: an expression that is in no rules file."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.explain import app


@pytest.fixture
def article(tmp_path: Path) -> str:
    """An article of this test."""
    path = tmp_path / "a.txt"
    path.write_text("Turkey buys fighter jets", encoding="utf-8")
    return str(path)


def explain(*words: str) -> Result:
    """What `tocsin explain` says where there are no rules."""
    return CliRunner(env={"TOCSIN_RULES": "/nowhere"}).invoke(app, [*words])


def test_an_expression_is_explained_without_rules(article: str) -> None:
    """One that matches, and one that does not."""
    assert "■ expression matched" in explain(article, "--match", "Turkey AND fighter jet").stdout
    missed = explain(article, "--match", "Turkey AND tank").stdout
    assert "expression" in missed
    assert "tank" in missed


def test_its_words_have_a_language(article: str) -> None:
    """English finds the plural, Urdu only what is written."""
    assert "matched" in explain(article, "--match", "jet").stdout
    assert "matched" not in explain(article, "--match", "jet", "--language", "ur").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--match", "Turkey AND"), "--match:1:8: nothing follows AND (T307)"),
        (("--match", "jet", "--language", "x y"), "Write a code such as en or pt-BR."),
    ],
)
def test_a_mistake_says_where_and_what(article: str, words: tuple[str, ...], said: str) -> None:
    """As in a rules file."""
    error = explain(article, *words).exception
    assert said in str(error)


def test_rules_and_an_expression_exclude_each_other(article: str) -> None:
    """One of them would be ignored."""
    assert explain(article, "--match", "jet", "--watchlist", "a").exit_code == 2
    assert explain(article, "--match", "jet", "--rules", "rules").exit_code == 2


def test_where_nothing_ever_ran_no_store_is_asked(article: str, tmp_path: Path) -> None:
    """And no folder is made for one."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("watchlists: [{id: jets, match: fighter jet}]", encoding="utf-8")
    data = tmp_path / "data"
    said = CliRunner(env={"TOCSIN_DATA_DIR": str(data)}).invoke(
        app, [article, "--rules", str(rules)], catch_exceptions=False
    )
    assert "■ jets matched" in said.stdout
    assert not data.exists()
