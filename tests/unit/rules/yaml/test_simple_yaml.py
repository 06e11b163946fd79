"""The quick way through plain files: what it reads is what libyaml reads, or it reads nothing."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from builders.rules import load
from service.rules.yaml.document import Document
from service.rules.yaml.libyaml import read_parts
from service.rules.yaml.simple_yaml import _UNSAFE, NotPlain, read_plain_parts
from service.rules.yaml.yaml_value import Part

PLAIN = """\
watchlists:
  - id: first
    name: It's  plain, isn't it? [yes] é名
    match: (title:missile OR "x") AND $list
    threshold: null
    notify: [desk, duty-2,x.y]

  - id: 'it''s quoted: # all of it'
    match: "so # is: this" \n\
    tags: []
"""


def quickly(text: str) -> list[Part] | None:
    """The parts by the quick way; None where it is not taken."""
    try:
        return list(read_plain_parts(Document("rules.yaml", text)))
    except NotPlain:
        return None


def all_of(parts: list[Part]) -> list[Any]:
    """All that is known of each part."""
    return [
        (part.path, part.value, part.lines, part.range.start, part.range.line, part.range.column)
        for part in parts
    ]


def test_what_programs_write_is_read_quickly() -> None:
    """Plain, quoted, in a list of words; each part by itself is the same again."""
    found = quickly(PLAIN)
    assert found is not None
    assert all_of(found) == all_of(list(read_parts(Document("rules.yaml", PLAIN))))
    assert found[1].value == {
        "id": "it's quoted: # all of it",
        "match": "so # is: this",
        "tags": [],
    }
    assert all(part.reread() == part.value for part in found)
    assert quickly(PLAIN.rstrip()) is not None


@pytest.mark.parametrize(
    "line",
    [
        "match: a: b",
        "match: a # comment",
        "match: a:",
        "match: >",
        "match: &a x",
        "match: *a",
        "match: !x y",
        "match: - x",
        "match: 'open",
        "match: 'a' b",
        'match: "tab\\t"',
        "match: {a: b}",
        "match: [a b, 'c']",
        "match: a\tb",
        "match: a\u2028b",
        "match: a\x85b",
        "match: a\x07b",
        "match: a\ufeffb",
        "match: a\ud800b",
        "match:",
        "id: twice",
        "null: x",
        "  match: deeper",
        "? match",
        "...",
        "---",
    ],
)
def test_what_is_not_certain_is_left_to_libyaml(line: str) -> None:
    """Each of these lines, after one that is plain."""
    assert quickly("watchlists:\n- id: a\n  match: x\n") is not None
    assert quickly(f"watchlists:\n- id: a\n  {line}\n") is None


VALUES = st.sampled_from(
    ["x", "a AND b", "'it''s'", '"q"', "[a, b]", "[]", "title:x", "(a)", "null", "a:b", "a\\b"]
) | st.text(max_size=4).map(lambda text: f"x{text}")
ITEMS = st.dictionaries(st.sampled_from(["id", "match", "tags"]), VALUES, min_size=1)


@given(st.lists(ITEMS, min_size=1, max_size=3), st.sampled_from(["", "  "]), st.data())
def test_the_two_ways_agree(items: list[dict[str, str]], indent: str, data: st.DataObject) -> None:
    """On files that are plain but for a character here and there."""
    lines = ["watchlists:"]
    for item in items:
        for number, (key, value) in enumerate(item.items()):
            lines.append(f"{indent}{'  ' if number else '- '}{key}: {value}")
    text = "\n".join([*lines, ""])
    at = data.draw(st.integers(0, len(text)))
    text = (
        text[:at] + data.draw(st.sampled_from(["", "", " ", "\n", ":", "#", "'", '"'])) + text[at:]
    )
    found = quickly(text)
    event("plain" if found else "not plain")
    if found is not None:
        document = Document("rules.yaml", text)
        assert all_of(found) == all_of(list(read_parts(document)))
        assert document.faults == []
        assert [part.reread() for part in found] == [part.value for part in found]


def test_no_printable_character_means_anything_to_yaml() -> None:
    """A text of such characters is not searched for others."""
    printable = "".join(filter(str.isprintable, map(chr, range(sys.maxunicode + 1))))
    assert _UNSAFE.search(printable) is None


def test_faults_in_a_plain_file_have_their_places() -> None:
    """Of form, of an expression, of an id that is taken."""
    text = """\
watchlists:
- id: a
  match: (x
  threshold: null
- id: b
  match: 'it''s AND (x'

- id: c
  match: x
- id: c
  match: [y]
"""
    assert quickly(text) is not None
    assert [
        (fault.line, fault.column, fault.message)
        for fault in load({"rules.yaml": text}, None).faults
    ] == [
        (3, 10, "this “(” is never closed"),
        (4, 14, "`threshold` is empty"),
        (6, 21, "this “(” is never closed"),
        (8, 7, "`c` is here and in rules.yaml line 10"),
        (10, 7, "`c` is here and in rules.yaml line 8"),
        (11, 10, "`match` must be a text"),
    ]
