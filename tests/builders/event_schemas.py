"""Checks events by the schemas that docs/events/ publishes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from service.alerts.events.event_types import EventType
from service.alerts.events.json_schema import json_schema


def faults(event: Mapping[str, Any]) -> list[str]:
    """Where the event differs from the schema of its type; keys that no schema names are faults."""
    found = _validator(event["type"]).iter_errors(event)
    return [f"{error.json_path}: {error.message}" for error in found]


def closed(schema: Any) -> Any:
    """The schema without room for keys that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return inner | {"additionalProperties": False} if "properties" in schema else inner


@functools.cache
def _validator(kind: EventType) -> Draft202012Validator:
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(closed(json_schema(kind)), format_checker=checker)
