"""`tocsin check --fix`: what corrects itself, and that nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.findings import whole
from builders.rules import a_reader
from service.errors import Fault, Fix
from service.rules.findings.fixes import fix_files, fix_text
from service.rules.findings.review import review
from service.rules.lint.advice import Advice


def found(files: Mapping[str, str]) -> Sequence[Fault | Advice]:
    """What is found in rules files."""
    return review(files, a_reader()).findings


def fixed(text: str) -> str:
    """The same rules file with all corrections."""
    return fix_files({"rules.yaml": text}, found).texts.get("rules.yaml", text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("CS(US) AND missile", "cs(US) AND missile"),
        ("cs (US) AND missile", "cs(US) AND missile"),
        ("atleast 3 (missile)", "atleast3(missile)"),
        ("strike | walkout || lockout", "strike OR walkout OR lockout"),
        ("strike && port", "strike AND port"),
        ("strike + port", "strike AND port"),
        ("strike NOT port", "strike AND NOT port"),
        ("strike w/5 port", "strike NEAR/4 port"),
        ("strike pre/3 port", "strike ONEAR/2 port"),
        ("strike adj5 port", "strike ONEAR/4 port"),
        ("strike near/5 port", "strike NEAR/5 port"),
        ("strike w/s port", "strike NEAR/s port"),
        ("strike NEAR/S port", "strike NEAR/s port"),
        ("strike NEAR/5f port", "strike ONEAR/5 port"),
        ("intitle:strike", "title:strike"),
        ("strike AND country:UK", "strike AND country:GB"),
        ("strike AND NOT language:english", "strike AND NOT language:en"),
        ("strike & port", "strike & port"),
        ("strike -port", "strike -port"),
        ("strike!", "strike!"),
        ("site:reuters.com AND strike", "site:reuters.com AND strike"),
        ("strike and port", "strike and port"),
        ("Apple AND factory", "Apple AND factory"),
        ("strike OR port AND ship", "strike OR port AND ship"),
    ],
)
def test_what_has_one_correction_gets_it(written: str, expected: str) -> None:
    """What may mean two things stays."""
    assert fixed(whole(f"match: '{written}'")) == whole(f"match: '{expected}'")


RULES = """\
# All of ours are in port.\r
watchlists:\r
  - id:   w       # spaces stay
    severity: High   # so does this
    match: >   # and this
      (strike | walkout)   AND
      CS(US) AND country:UK
    except: {'it''s': "été w/5 \\u0070ort"}
    # tocsin: ignore T512 because of nothing
    notify: [ desk ]  # tocsin: ignore T503 because of nothing
    tests: [{match: {title: x}}]
subscribers: [{id: desk, relay: 'json://desk.example'}]
"""


def test_every_other_character_stays() -> None:
    """Comments, blanks, quotes and ends of lines; and a second run changes nothing."""
    once = fixed(RULES)
    assert once == (
        RULES.replace("High", "high")
        .replace("|", "OR")
        .replace("CS(", "cs(")
        .replace("country:UK", "country:GB")
        .replace("w/5", "NEAR/4")
        .replace("    # tocsin: ignore T512 because of nothing\n", "")
        .replace("  # tocsin: ignore T503 because of nothing", "")
    )
    assert fixed(once) == once
    assert found({"rules.yaml": once}) == ()


def test_of_two_that_overlap_the_later_is_made() -> None:
    """The other finds another text in a next round."""
    findings = [Fault("f", 1, column, "m", code="T309", fix=Fix("aa", "--")) for column in (1, 2)]
    assert fix_text("aaa", findings) == ("a--", 1)


@given(st.data())
def test_a_correction_needs_the_text_that_it_names(data: st.DataObject) -> None:
    """And of two that overlap one is made, whatever the places are."""
    text = data.draw(st.text("ab\n", max_size=12))
    place = st.tuples(st.integers(1, 4), st.integers(1, 6), st.text("ab", min_size=1, max_size=3))
    places = data.draw(st.lists(place, max_size=4))
    findings = [
        Fault("f", line, column, "m", code="T309", fix=Fix(old, "-" * len(old)))
        for line, column, old in places
    ]
    after, count = fix_text(text, findings)
    assert len(after) == len(text)
    assert all(new in (old, "-") for old, new in zip(text, after, strict=True))
    assert (count > 0) == ("-" in after)
    lines = text.split("\n")
    fits = any(
        line <= len(lines) and lines[line - 1][column - 1 :].startswith(old)
        for line, column, old in places
    )
    assert fits == (count > 0)
