"""Findings as SARIF."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from builders.findings import found_in
from builders.rules import a_reader
from service.errors import Fault, Fix
from service.rules.findings.codes import all_codes
from service.rules.findings.review import review
from service.views.rules.sarif import sarif_log

RULES = """\
watchlists:
  - id: a
    match: strike w/5 port
  - id: b
    match: Apple AND US AND country:UK
  - id: b
    match: (
"""
SCHEMA = os.environ.get("SARIF_SCHEMA")


def log(text: str) -> dict[str, Any]:
    """The log of one rules file."""
    return sarif_log(review({"rules/a b.yaml": text}, a_reader()).findings, "1.2.3")


def prints(text: str) -> set[str]:
    """The fingerprints of all that is found."""
    (run,) = log(text)["runs"]
    found = [one["partialFingerprints"]["finding/v1"] for one in run["results"]]
    assert len(set(found)) == len(found)
    return set(found)


def test_a_result_has_its_rule_place_and_correction() -> None:
    """The rules are those that something was found by."""
    (run,) = log(RULES)["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["shortDescription"]["text"] == all_codes()[rule["id"]].title
        assert result["level"] == ("warning" if all_codes()[rule["id"]].is_advice else "error")
    first = run["results"][0]
    assert first["ruleId"] == "T309"
    place = first["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "rules/a%20b.yaml"},
        "region": {"startLine": 3, "startColumn": 19, "endColumn": 22},
    }
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {"deletedRegion": place["region"], "insertedContent": {"text": "NEAR/4"}}
    ]


def test_a_correction_of_several_lines_is_left_to_a_person() -> None:
    """A region is of one line."""
    for old, count in (("w/5", 1), ("w/5\nport", 0)):
        fault = Fault("a.yaml", 3, 19, "no", code="T309", fix=Fix(old, "NEAR/4"))
        (result,) = sarif_log([fault], "1.2.3")["runs"][0]["results"]
        assert len(result.get("fixes", ())) == count


def test_a_file_may_have_any_name() -> None:
    """A name that is no UTF-8 has its bytes in the address."""
    fault = Fault("a\udcff.yaml", 3, 19, "no", code="T309")
    (result,) = sarif_log([fault], "1.2.3")["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%FF.yaml"


def test_fingerprints_survive_lines_that_move() -> None:
    """And are others for other findings, also for two alike in one file."""
    text = "watchlists:\n  - id: a\n    match: strike w/5 port\n"
    twice = text + "  - id: b\n    match: strike w/5 port\n"
    moved = "# A comment.\n\n" + text.replace("watchlists:\n", "watchlists:\n  # Another.\n")
    assert prints(moved) == prints(text)
    assert prints(text) < prints(twice)
    assert prints(text).isdisjoint(prints(text.replace("w/5", "w/6")))


@pytest.mark.skipif(not SCHEMA, reason="SARIF_SCHEMA names no file with the JSON Schema of SARIF")
def test_the_log_is_valid() -> None:
    """By the JSON Schema of SARIF 2.1.0."""
    schema = json.loads(Path(str(SCHEMA)).read_text(encoding="utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for text in (RULES, "[", "watchlists: []"):
        assert [error.message for error in validator.iter_errors(log(text))] == []
    for about in all_codes().values():
        found = found_in(about.wrong, headlines=about.archive) if about.archive else ()
        errors = validator.iter_errors(sarif_log(found, "1.2.3"))
        assert [error.message for error in errors] == []
    assert list(validator.iter_errors({"version": "2.1.0"})) != []
