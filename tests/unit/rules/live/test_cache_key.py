"""The key of rules files."""

from __future__ import annotations

import pytest

from service.rules.live.cache_key import cache_key


def test_the_key_is_of_names_contents_and_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any change makes another key; the same files in another order do not."""
    first = cache_key({"a": b"x", "b": b"y"})
    assert first == cache_key({"b": b"y", "a": b"x"})
    others = ({"a": b"x"}, {"a": b"x", "c": b"y"}, {"a": b"xy", "b": b""}, {"a": b"x", "b": b"z"})
    assert len({first, *map(cache_key, others)}) == 5
    monkeypatch.setattr("service.rules.live.cache_key.program_hash", lambda: b"another version")
    assert cache_key({"a": b"x", "b": b"y"}) != first
