"""The schemas and examples of docs/events/ are those of the code, and hold for its events."""

from __future__ import annotations

import copy
import json
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from builders import events
from builders.event_files import FOLDER, PAGE, examples, files, page
from builders.event_schemas import faults
from service.alerts.events.event_types import EventType
from service.alerts.events.json_schema import EVENTS, json_schema
from service.alerts.events.payload import body

NAMES = sorted(
    path.stem for path in FOLDER.glob("*.json") if not path.name.endswith(".schema.json")
)
"""Of the committed examples: what makes them anew needs an engine, and is not for collecting."""


def test_the_files_are_those_that_the_code_makes() -> None:
    """`make events` would change nothing."""
    committed = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert committed == dict(files())


def test_every_type_of_event_has_a_schema_and_an_example() -> None:
    """The types are those that an event can have."""
    assert set(EVENTS) == set(get_args(EventType))
    assert {event["type"] for event in examples().values()} == set(EVENTS)


def test_both_reasons_of_a_digest_have_an_example() -> None:
    """A subscriber's digest, and the summary of a throttle."""
    reasons = [event["data"].get("reason") for event in examples().values()]
    assert {*filter(None, reasons)} >= {"digest", "throttle"}


@pytest.mark.parametrize("kind", EVENTS)
def test_a_schema_is_a_schema(kind: EventType) -> None:
    """Draft 2020-12, without references that lead nowhere."""
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    named = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert named == set(schema["$defs"])


@pytest.mark.parametrize("kind", EVENTS)
def test_a_schema_describes_each_object(kind: EventType) -> None:
    """Each object says in a sentence what it is."""
    schema = json_schema(kind)
    blocks = [schema, *schema["$defs"].values()]
    assert [block["title"] for block in blocks if "description" not in block] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_valid(name: str) -> None:
    """By the schema of its type."""
    assert faults(examples()[name]) == []


@pytest.mark.parametrize("name", events.ALL)
def test_the_events_of_the_channels_tests_are_valid(name: str) -> None:
    """What the channels are tested with is what they get."""
    assert faults(json.loads(events.ALL[name])) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_key_is_allowed_by_the_schema(name: str) -> None:
    """A later version may add keys; our own tests refuse those that have no description."""
    event = copy.deepcopy(examples()[name])
    event["data"]["added_later"] = 1
    Draft202012Validator(json_schema(event["type"])).validate(event)
    assert faults(event) != []


REPORTS = ("subscriber.disabled", "delivery.exhausted")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_key_is_a_fault(name: str) -> None:
    """Every key of an event is described as always there, but for those that may be absent."""
    for key in examples()[name]["data"]:
        event = copy.deepcopy(examples()[name])
        del event["data"][key]
        may_be_absent = {"story": name != "story.updated", "alert_id": name in REPORTS}
        assert (faults(event) == []) == may_be_absent.get(key, False)


def test_a_shortened_event_is_valid() -> None:
    """Shortening leaves every key in its place, and adds `shortened`."""
    data: dict[str, Any] = copy.deepcopy(examples()["alert.updated"]["data"])
    data["evidence"] = data["evidence"] * 200
    data["article"]["title"] = "word " * 8000
    made = json.loads(body("alert.updated", data.pop("id"), data, "2026-11-23T09:00:00.000Z"))
    assert "evidence" in made["data"]["shortened"]
    assert faults(made) == []


def test_the_page_about_alerts_links_to_every_file() -> None:
    """Each type with its schema and its examples."""
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name, _ in files() if f"(events/{name})" not in text] == []


def test_the_page_about_alerts_shows_every_example() -> None:
    """`make events` would change nothing."""
    assert PAGE.read_text(encoding="utf-8") == page()
