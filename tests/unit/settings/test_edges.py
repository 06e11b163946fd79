"""The edges of every setting: the least and the most that it takes, and one step beyond refused.

The cases come from the settings themselves: a setting of a kind that has no edges here fails, and
so does one whose limits are others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from service.errors import ConfigError
from service.settings import Environment, catalogue, load
from service.settings.sections import Setting
from service.settings.value_types import (
    Bytes,
    Count,
    Days,
    Folder,
    Hours,
    Kind,
    LinkSecret,
    LogFormat,
    LogLevel,
    Networks,
    Number,
    Password,
    Port,
    PublicUrl,
    RedisUrl,
    Schedule,
    Seconds,
    Security,
    Share,
    Streams,
    Text,
    Traces,
    VariableNames,
)


@dataclass(frozen=True)
class Edges:
    """Texts that a setting of one kind takes at its edges, and those just beyond them."""

    good: Sequence[str]
    bad: Sequence[str] = ()


EDGES: dict[Any, Edges] = {
    Count: Edges(["1", str(2**62)], ["0", "-1", "1.5", "1e3", "one"]),
    Bytes: Edges(["1", str(2**62)], ["0", "-1", "1.5", "1k"]),
    Days: Edges(["1", "36500"], ["0", "36501", "-1", "1.5", "1d"]),
    Hours: Edges(["1", "8760"], ["0", "8761", "-1", "1.5", "1h"]),
    Port: Edges(["0", "65535"], ["-1", "65536", "8000.5", "http"]),
    Number: Edges(["0", "0.5", "365"], ["-0.1", "366", "nan", "often"]),
    Share: Edges(["0", "0.5", "0.999999"], ["1", "-0.000001", "nan", "20%"]),
    Seconds: Edges(
        ["0.000001", "0.5", "86399999999999"], ["0", "-1", "86400000000000", "nan", "5m"]
    ),
    Schedule: Edges(
        ["[]", "0", "0,0.5,86399999999999"], ["-1", "5,86400000000000", "5,nan", "5;6"]
    ),
    Streams: Edges(["a", "a,b", '["a"]', "a b"], [",", "[]", "a,a", "a{", "}", '["a"']),
    Networks: Edges(["[]", "0.0.0.0/0", "10.1.2.3", "::/0"], ["10.1.2.3/8", "10.0.0.0/33", "host"]),
    VariableNames: Edges(["[]", "A", "_a1,DESK_*"], ["*", "1A", "A-B", "A**", "TOCSIN_*"]),
    Security: Edges(["starttls", "tls", "none", "TLS"], ["ssl", "starttl"]),
    LogFormat: Edges(["auto", "json", "console", "JSON"], ["xml", "jso"]),
    LogLevel: Edges(["debug", "info", "warning", "error", "INFO"], ["warn", "loud"]),
    Traces: Edges(["off", "otlp", "OTLP"], ["on", "true", "otl"]),
    RedisUrl: Edges(
        ["embedded", "redis://h", "rediss://h:65535/0", "unix:///s", "redis+sentinel://h:1/m/0"],
        ["h:6379", "http://h", "redis://", "redis://h:0", "redis://h:65536", "unix:s"],
    ),
    PublicUrl: Edges(
        ["http://h", "https://h.example:65535/", "https://h/a/b", "https://[::1]:8000"],
        [
            "h",
            "ftp://h",
            "https://",
            "https://h?a",
            "https://h#a",
            "https://u@h",
            "https://h/a b",
            "javascript:x",
            "https://h:0",
            "https://h:65536",
            'https://h/"',
            "https://h/<",
        ],
    ),
    LinkSecret: Edges(["x" * 32, "x" * 1000], ["x" * 31]),
    # Any text will do, and an empty one counts as unset.
    Folder: Edges([".", "~", "/no/such/folder"]),
    Text: Edges(["x", "x" * 1000]),
    Password: Edges(["x", "x" * 1000]),
}
BY_KIND = {
    next(mark for mark in of.__metadata__ if isinstance(mark, Kind)): edges
    for of, edges in EDGES.items()
}
WITH = {
    "TOCSIN_SMTP_USERNAME": {"TOCSIN_SMTP_PASSWORD": "x"},
    "TOCSIN_SMTP_PASSWORD": {"TOCSIN_SMTP_USERNAME": "x"},
    "TOCSIN_PUBLIC_URL": {"TOCSIN_VERDICT_SECRET": "x" * 32},
    "TOCSIN_VERDICT_SECRET": {"TOCSIN_PUBLIC_URL": "https://h"},
    "TOCSIN_DELIVERY_TIMEOUT": {"TOCSIN_DELIVERY_LEASE": "86399999999999.5"},
    "TOCSIN_DELIVERY_LEASE": {"TOCSIN_DELIVERY_TIMEOUT": "0.000001"},
}
"""What else has to be set with some."""
LEASE = Edges(["0.000002", "86399999999999"], ["0.000001", "0", "-1", "86400000000000"])
"""It is longer than the timeout."""


def edges_of(setting: Setting) -> Edges:
    """Those of one setting."""
    return LEASE if setting.variable == "TOCSIN_DELIVERY_LEASE" else BY_KIND[setting.kind]


@pytest.mark.parametrize("setting", catalogue(), ids=lambda each: each.variable)
def test_every_setting_takes_its_edges_and_nothing_beyond(setting: Setting) -> None:
    """What is refused is told with the variable, and with what to write instead."""
    edges, others = edges_of(setting), WITH.get(setting.variable, {})
    for text in edges.good:
        found = load(Environment({**others, setting.variable: text}))
        assert getattr(getattr(found, setting.part), setting.field) is not None
    for text in edges.bad:
        with pytest.raises(ConfigError) as caught:
            load(Environment({**others, setting.variable: text}))
        told = str(caught.value)
        assert setting.variable in told, text
        assert re.search(r"\b(write|name|take|commas|must be)\b", told), text
        assert len(told.splitlines()) == 2, text


def test_every_kind_of_setting_has_its_edges() -> None:
    """And each of these kinds is one that a setting has."""
    assert {setting.kind for setting in catalogue()} == set(BY_KIND)


@pytest.mark.parametrize("setting", catalogue(), ids=lambda each: each.variable)
def test_every_default_is_within_the_edges(setting: Setting) -> None:
    """To write it down changes nothing."""
    if not setting.default:
        return
    plain = load(Environment({}))
    given = load(Environment({setting.variable: setting.default}))
    assert given == plain
