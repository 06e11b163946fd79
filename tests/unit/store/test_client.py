"""How the store counts time and names what it keeps, without a server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from service.errors import ConfigError
from service.store.client import Store, span_milliseconds
from service.store.stories.copies import ORIGIN, _again, origin_of


@pytest.mark.parametrize(("seconds", "ms"), [(0, 1), (0.0004, 1), (0.0016, 2), (60, 60_000)])
def test_no_span_is_none_to_redis(seconds: float, ms: int) -> None:
    """A key that is to end at once would be refused, or would live for ever."""
    assert span_milliseconds(timedelta(seconds=seconds)) == ms


@pytest.mark.parametrize("name", ["", "a{b", "a}b", "{a}"])
def test_a_stream_with_a_brace_is_refused(name: str) -> None:
    """Its keys would be in another slot of a cluster."""
    with pytest.raises(ConfigError, match="without braces"):
        Store(Redis(), name)


@pytest.mark.parametrize(
    ("entry", "origin", "found"),
    [
        ("10-0", b"9-0", "9-0"),
        ("9-0", b"10-0", ""),
        ("9-10", b"9-9", "9-9"),
        ("9-9", b"9-10", ""),
        ("9-0", b"9-0", ""),
        ("9-0", b"what somebody wrote", ""),
        ("9-0", b"\xff", ""),
    ],
)
def test_an_entry_repeats_an_older_one_only(entry: str, origin: bytes, found: str) -> None:
    """Ids are numbers: as texts, 10 would come before 9."""
    assert origin_of(entry, {ORIGIN: origin}) == found


def test_an_entry_is_written_again_with_one_origin() -> None:
    """The first of all that were written, and of its fields those that are text."""
    fields = {b"title": b"x", ORIGIN: b"5-0", b"picture": b"\xff"}
    assert _again(b"9-0", fields) == ["title", "x", ORIGIN.decode(), "5-0"]
    assert _again(b"9-0", {b"title": b"x"}) == ["title", "x", ORIGIN.decode(), "9-0"]
