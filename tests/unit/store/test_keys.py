"""The keys of Redis: one module spells them, for Python and for Lua."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from service.store.client import lua_keys, script_text
from service.store.keys import (
    KEYS,
    LANE,
    LANE_OUT,
    REACHED_FIELD,
    TEXTS,
    THREAD,
)
from service.store.keys.pattern import KeyPattern

STORE = Path(str(files("service.store")))
SCRIPTS = sorted(
    path.relative_to(STORE).with_suffix("").as_posix() for path in STORE.rglob("*.lua")
)
SOURCES = sorted(path for path in STORE.parent.rglob("*.py") if path.parent.name != "keys")
MAX_COMMIT_LINES = 250
OF_HASHES = re.compile(r"'H(?:GET|MGET|SET|SETNX|DEL|EXISTS|INCRBY)', [^\n]*?\)?, (.*)")


def test_a_pattern_is_filled_in_order() -> None:
    """Each name goes to its place, and the text around them stays."""
    assert THREAD.fill("desk", "s1") == "thread:desk:s1"
    assert LANE_OUT.fill("desk") == "lane:desk:out"


@pytest.mark.parametrize("names", [(), ("a", "b")])
def test_a_pattern_wants_a_name_for_each_place(names: tuple[str, ...]) -> None:
    """A key with a name too few or too many would be another key."""
    with pytest.raises(ValueError, match="lane:<subscriber>"):
        LANE.fill(*names)


def test_a_pattern_as_lua_makes_the_same_text() -> None:
    """Literals and names in the pattern's order."""
    assert LANE_OUT.lua("prefix") == (
        "local function out_key(subscriber) return prefix .. 'lane:' .. subscriber .. ':out' end"
    )
    assert REACHED_FIELD.lua() == (
        "local function reached_field(watchlist, subscriber) "
        "return watchlist .. '/' .. subscriber end"
    )


@pytest.mark.parametrize("pattern", KEYS, ids=lambda each: each.text)
def test_a_key_is_known_by_its_pattern(pattern: KeyPattern) -> None:
    """Of a key that is found to be wrong, one pattern says what should be there."""
    key = re.sub(r"<\w+>", "x", pattern.text)
    assert [each for each in KEYS if each.matches(key)] == [pattern]


@pytest.mark.parametrize("pattern", KEYS, ids=lambda each: each.text)
def test_a_key_says_what_it_holds_and_for_how_long(pattern: KeyPattern) -> None:
    """Type, use and lifetime, and of a hash each field."""
    assert pattern.use
    assert pattern.lifetime
    assert bool(pattern.fields) is (pattern.type == "hash")
    assert all(pattern.fields.values())


def test_a_script_gets_the_functions_that_it_calls() -> None:
    """Making all of them would take longer than many a script."""
    made = lua_keys("redis.call('GET', story_of_key(id), reached_field(a, b))")
    assert re.findall(r"function (\w+)", made) == ["story_of_key", "reached_field"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_spells_a_key(script: str) -> None:
    """A key is built by the functions that `store/keys` makes."""
    own = STORE.joinpath(f"{script}.lua").read_text(encoding="utf-8")
    code = re.sub(r"--.*", "", own)
    assert "prefix" not in code
    assert "tocsin:" not in code
    literals = [part for each in (*KEYS, *TEXTS) for part in re.split(r"<\w+>", each.text)]
    spelled = [each for each in literals if re.search(r"[:/]", each) and f"'{each}'" in code]
    assert not [each for each in spelled if each != "/"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_key_function_is_a_pattern(script: str) -> None:
    """What looks like a key or a shared text is one of those in `store/keys`."""
    own = STORE.joinpath(f"{script}.lua").read_text(encoding="utf-8")
    called = set(re.findall(r"\b(\w+_(?:key|field|bundle))\(", own))
    local = set(re.findall(r"local function (\w+)", own))
    assert called - local - {"foreign_key"} <= {each.name for each in (*KEYS, *TEXTS)}


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_field_of_a_hash_is_named(script: str) -> None:
    """A field that a script reads or writes is in the pattern of a hash."""
    known = {name for each in KEYS for name in each.fields}
    code = re.sub(r"--.*", "", STORE.joinpath(f"{script}.lua").read_text(encoding="utf-8"))
    named = {
        name
        for line in re.sub(r",\n\s*", ", ", code).splitlines()
        for rest in OF_HASHES.findall(line)
        for name in re.findall(r"'([a-z_]+)'", rest)
    }
    assert named - {"pending", "delivered", "failed"} <= known


def test_no_other_module_spells_a_key() -> None:
    """Nor the prefix that all of them have."""
    spelled = re.compile(r"""["']tocsin:\{""")
    assert [path for path in SOURCES if spelled.search(path.read_text(encoding="utf-8"))] == []


def test_a_script_is_whole() -> None:
    """Each include is replaced by its text, and none is left."""
    for script in SCRIPTS:
        text = script_text(script)
        assert "-- include" not in text
        assert text.count("local prefix") <= 1


def test_the_commit_can_be_read_at_one_go() -> None:
    """What is decided is decided in Python: with all that it includes it stays short."""
    assert len(script_text("commit/commit").splitlines()) < MAX_COMMIT_LINES
