"""`tocsin schema`: what an editor accepts, Tocsin accepts, and the other way round."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from builders.rules import SECRETS, load
from service.delivery.channels.registry import CHANNELS
from service.rules.schema.json_schema import rules_schema
from service.rules.subscribers.channel import subscriber_spec

ROOT = Path(__file__).parents[4]
SCHEMA = rules_schema(subscriber_spec(CHANNELS))
WATCHLIST = "{id: a, match: jet, %s}"
SUBSCRIBER = '{id: desk, webhook: {url: "https://desk.example/h", secret: "${DESK_SECRET}"}, %s}'

WATCHLIST_KEYS = [
    ("severity: high", "severity: grave"),
    ("threshold: 50", "threshold: 101"),
    ("language: pt-BR", "language: Portuguese"),
    ("repeat: article", "repeat: never"),
    ("except: {sport: ball}", "except: [ball]"),
    ("boost: [{when: ski, points: -5}]", "boost: [{when: ski, points: 500}]"),
    ("throttle: {max: 3, per: 1h}", "throttle: {max: 0, per: 1h}"),
    ("throttle: {max: 3, per: 90 s}", "throttle: {max: 3, per: soon}"),
    ("tags: [a]", "tags: a"),
    ("tests: [{match: {title: Jet}}]", "tests: [{hit: {title: Jet}}]"),
    (
        "tests: [{match: {title: Jet}, score: 40..60}]",
        "tests: [{match: {title: Jet}, score: 40-60}]",
    ),
    (
        "tests: [{match: {title: Jet}, notify: {}}]",
        "tests: [{match: {title: Jet}, notify: {desk: later}}]",
    ),
    ("enabled: false", "enabled: perhaps"),
    ("name: Jets", "nane: Jets"),
]
SUBSCRIBER_KEYS = [
    ("min_score: 5", "min_score: -1"),
    ("severities: [low]", "severities: [grave]"),
    ("concurrency: 2", "concurrency: 2.5"),
    ("rate: 10/s", "rate: 10"),
    ("digest: {every: 1h}", "digest: {every: hourly}"),
    ('digest: {at: "08:00"}', 'digest: {at: "25:00"}'),
    ('digest: {at: ["08:00", "9:30"]}', "digest: {at: [8]}"),
    ('quiet: {from: "22:00", to: "07:00"}', 'quiet: {from: "22:00"}'),
    ("reports: true", "reports: daily"),
]
ITEMS = [(f"watchlists: [{WATCHLIST}]", *each) for each in WATCHLIST_KEYS] + [
    (f"subscribers: [{SUBSCRIBER}]", *each) for each in SUBSCRIBER_KEYS
]
FILES = [
    ("lists: {a: [jet]}", "lists: {a: jet}"),
    ("lists: {a: {items: [jet]}}", "lists: {a: {items: []}}"),
    ("watchlists:", "watchlists: {a: b}"),
    ("subscribers: []", "subscriber: []"),
]


def mistakes(text: str) -> list[str]:
    """What an editor would mark."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(yaml.safe_load(text))]


def test_it_is_a_schema() -> None:
    """By the rules of its draft, and closed: an unknown key is marked."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("frame", "good", "bad"), ITEMS)
def test_values_are_those_that_tocsin_takes(frame: str, good: str, bad: str) -> None:
    """Of each key, one that is good and one that is not."""
    for text, is_good in ((frame % good, True), (frame % bad, False)):
        assert (not mistakes(text)) == is_good, text
        assert (not load({"rules.yaml": text}, SECRETS.get).faults) == is_good, text


@pytest.mark.parametrize(("good", "bad"), FILES)
def test_sections_are_those_that_tocsin_takes(good: str, bad: str) -> None:
    """The keys at the top of a file."""
    for text, is_good in ((good, True), (bad, False)):
        assert (not mistakes(text)) == is_good, text
        assert (not load({"rules.yaml": text}, SECRETS.get).faults) == is_good, text


@pytest.mark.parametrize(
    "path", sorted((ROOT / "rules").glob("*.yaml")), ids=lambda path: path.name
)
def test_the_rules_that_ship_are_good(path: Path) -> None:
    """No mark in any of them."""
    assert mistakes(path.read_text(encoding="utf-8")) == []


def test_every_key_says_what_it_is_for() -> None:
    """As an editor shows it; none says it twice."""

    def silent(found: Any, path: str) -> list[str]:
        if isinstance(found, list):
            return [each for one in found for each in silent(one, path)]
        if not isinstance(found, dict):
            return []
        keys = found.get("properties", {})
        without = [f"{path}.{key}" for key, value in keys.items() if not value.get("description")]
        return without + [
            each for key, value in found.items() for each in silent(value, f"{path}.{key}")
        ]

    assert silent(SCHEMA, "") == []


def test_the_file_in_docs_is_current() -> None:
    """`make events` writes it."""
    text = (ROOT / "docs" / "rules.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == SCHEMA
