"""YAML files are read part by part, and a part by itself says the same as within its file."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from service.rules.yaml.document import Document
from service.rules.yaml.libyaml import MAX_NESTING, read_parts
from service.rules.yaml.yaml_value import Part

FORMS = """\
lists:
  block:
  - one
  - 'it''s'
  flow: {items: [a, "b\\tc"], enabled: yes}
  nothing:
watchlists:
- id: first
  match: >
    folded
    text
  tests:
  - match: {title: x}
  -
    no_match: y
- {id: second, match: |-
    x
  }
-   id:   third
    match:   plain text that
      goes on
# the end
"""


def read(text: str) -> tuple[Document, list[Part]]:
    """A file and its parts."""
    document = Document("rules.yaml", text)
    return document, list(read_parts(document))


def test_sections_are_handed_over_part_by_part() -> None:
    """Each with its path and its value; scalars as texts, no value as None."""
    document, found = read(FORMS.replace("|-\n    x\n  ", "x"))
    assert document.faults == []
    assert document.value == {"lists": {}, "watchlists": []}
    assert {part.path: part.value for part in found[:3]} == {
        ("lists", "block"): ["one", "it's"],
        ("lists", "flow"): {"items": ["a", "b\tc"], "enabled": "yes"},
        ("lists", "nothing"): None,
    }
    assert [part.path for part in found[3:]] == [("watchlists", number) for number in range(3)]
    assert found[3].lines == {"tests": [13, 15]}
    assert [part.range.line for part in found] == [2, 4, 5, 7, 15, 16]


def test_a_part_by_itself_is_the_same() -> None:
    """Read again from its own text it has the same value, and its places are the file's."""
    document, found = read(FORMS.replace("|-\n    x\n  ", "x"))
    for part in found:
        assert part.reread() == part.value
    fault = found[-1].fault(("watchlists", 2, "match"), "wrong", code="T101", at=(16, 20))
    assert (fault.line, fault.source, fault.width) == (19, "      goes on", 4)
    assert document.fault(("lists",), "wrong", code="T101").line == 2


# PyYAML writes the line breaks of other standards into keys in such a way that it cannot read them.
TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029")
SCALARS = (
    st.none() | st.text(TEXT, max_size=12) | st.sampled_from(["no", "~", "1.0", "- a", "a: b", "#"])
)
VALUES: Any = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=4), st.booleans(), st.integers(2, 6))
def test_any_part_by_itself_is_the_same(items: list[Any], flow: bool, indent: int) -> None:
    """However YAML writes it: block or flow, quoted or not, indented or not."""
    text = yaml.safe_dump(
        {"a": {"b": deepcopy(items)}, "watchlists": items},
        default_flow_style=flow,
        indent=indent,
        allow_unicode=True,
        width=20,
    )
    document, found = read(text)
    assert document.faults == []
    # PyYAML cannot read back all that it writes: line breaks of other standards, and U+001F.
    expected = yaml.load(text, yaml.CSafeLoader)["watchlists"]
    assert [part.value for part in found if part.path[0] == "watchlists"] == expected
    for part in found:
        assert part.reread() == part.value


def test_a_fault_of_form_spoils_the_whole_file() -> None:
    """Also one behind parts that were handed over."""
    document, found = read("watchlists:\n- id: a\n- id: [\n")
    assert [part.value for part in found] == [{"id": "a"}]
    assert document.value is None
    assert [fault.line for fault in document.faults] == [3]


def test_lines_are_counted_as_editors_count_them() -> None:
    """A line separator within a text is a line break to YAML, and to no editor."""
    document, _ = read("lists:\n  a: [one\u2028two]\nlists:\n  b: [c]\n")
    (fault,) = document.faults
    assert (fault.line, fault.source) == (3, "lists:")


def test_a_character_that_yaml_refuses_is_found_behind_others() -> None:
    """libyaml counts its place in bytes; the fault counts it in characters."""
    document, _ = read("# ééééé\na: é\x07\n")
    (fault,) = document.faults
    assert (fault.line, fault.column, fault.source) == (2, 5, "a: é?")
    assert fault.message == "the character U+0007 is not allowed in YAML"


def test_directives_are_refused() -> None:
    """With tags of one's own a part could not be read by itself."""
    document, _ = read("%TAG ! tag:x,2000:\n---\nlists: {}\n")
    assert [fault.message for fault in document.faults] == [
        "directives (%TAG) are not allowed in rules files"
    ]


def test_nesting_has_a_bound() -> None:
    """The deepest that is taken, and the first that is not."""
    depth = MAX_NESTING - 2
    assert read(f"a: [{'[' * (depth - 1)}x{']' * (depth - 1)}]")[0].faults == []
    (fault,) = read(f"a: [{'[' * (depth + 1)}x{']' * (depth + 1)}]")[0].faults
    assert fault.message == f"lists and blocks are nested more than {MAX_NESTING} deep"
