"""The key of rules files."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import pytest

from service.rules.live import cache_key as module
from service.rules.live.cache_key import cache_key, file_digests, program_hash, shared_key


def key(files: Mapping[str, bytes]) -> str:
    """The key of files by their contents."""
    return cache_key(file_digests(files))


def test_the_key_is_of_names_contents_and_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any change makes another key; the same files in another order do not."""
    first = key({"a": b"x", "b": b"y"})
    assert first == key({"b": b"y", "a": b"x"})
    others = ({"a": b"x"}, {"a": b"x", "c": b"y"}, {"a": b"xy", "b": b""}, {"a": b"x", "b": b"z"})
    assert len({first, *map(key, others)}) == 5
    monkeypatch.setattr("service.rules.live.cache_key.program_hash", lambda: b"another version")
    assert key({"a": b"x", "b": b"y"}) != first


def test_the_key_of_a_shared_set_is_of_its_id_and_of_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker of another version compiles the set for itself."""
    first = shared_key("one")
    assert shared_key("two") != first
    monkeypatch.setattr("service.rules.live.cache_key.program_hash", lambda: b"another version")
    assert shared_key("one") != first


@pytest.mark.parametrize("name", ["tocsin", "numpy", "pydantic", "pyyaml", "regex", "simplemma"])
def test_another_version_of_what_compiles_is_another_program(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Words, models and arrays may look different after an upgrade."""
    monkeypatch.setattr(module, "program_files", list)
    now = program_hash.__wrapped__()
    later = lambda one: version(one) + ".1" * (one == name)  # noqa: E731
    monkeypatch.setattr(module, "version", later)
    assert program_hash.__wrapped__() != now
