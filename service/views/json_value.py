"""Views as JSON: RFC 3339 for times, lists for tuples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import orjson

from service.alerts.alert import rfc3339

_INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATETIME


def json_value(value: Any) -> Any:
    """The value in the types that `json.dumps` takes; fields keep their order."""
    if is_dataclass(value):
        return {field.name: json_value(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Mapping):
        return {name: json_value(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(each) for each in value]
    return value


def indented_json(value: Any) -> str:
    """The value as JSON, two spaces a level; any text of it comes back as it was."""
    try:
        return orjson.dumps(value, _other_value, _INDENTED).decode()
    except TypeError:  # half a character, or a number that does not fit into 64 bits
        return json.dumps(json_value(value), indent=2, ensure_ascii=False)


def _other_value(value: Any) -> Any:
    """What orjson does not know; raises TypeError for what `json_value` does not either."""
    if isinstance(value, datetime | Mapping):
        return json_value(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
