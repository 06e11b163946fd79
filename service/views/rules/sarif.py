"""Findings in rules files as SARIF 2.1.0, which code hosts and editors show in the files' lines."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from service.errors import Fault
from service.rules.findings.codes import all_codes
from service.rules.lint.advice import Advice

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_log(found: Iterable[Fault | Advice], version: str) -> dict[str, Any]:
    """One run of `tocsin check` of a version; `found` is what it found."""
    found = list(found)
    used = sorted({one.code for one in found})
    seen = Counter[str]()
    driver = {"name": "tocsin check", "version": version, "rules": [_rule(code) for code in used]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, used.index(one.code), seen) for one in found],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    about = all_codes()[code]
    return {
        "id": code,
        "shortDescription": {"text": about.title},
        "fullDescription": {"text": about.reason},
        "help": {"text": about.reason},
        "defaultConfiguration": {"level": _level(code)},
    }


def _level(code: str) -> str:
    return "warning" if all_codes()[code].is_advice else "error"


def _result(one: Fault | Advice, rule: int, seen: Counter[str]) -> dict[str, Any]:
    hint = one.hint if isinstance(one, Fault) else ""
    place = _location(one)
    result = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _level(one.code),
        "message": {"text": f"{one.message}. {hint}".rstrip(". ") + "."},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"finding/v1": _fingerprint(one, seen)},
    }
    if one.fix and "\n" not in one.fix.old:
        region = place["region"]
        deleted = {
            "startLine": region["startLine"],
            "startColumn": region["startColumn"],
            "endColumn": region["startColumn"] + len(one.fix.old),
        }
        change = {
            "artifactLocation": place["artifactLocation"],
            "replacements": [{"deletedRegion": deleted, "insertedContent": {"text": one.fix.new}}],
        }
        result["fixes"] = [{"artifactChanges": [change]}]
    return result


def _location(one: Fault | Advice) -> dict[str, Any]:
    # The name of a file may be no UTF-8.
    uri = quote(PurePath(one.file).as_posix(), errors="surrogateescape")
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if one.line:
        column = max(one.column, 1)
        place["region"] = {
            "startLine": one.line,
            "startColumn": column,
            "endColumn": column + one.width,
        }
    return place


def _fingerprint(one: Fault | Advice, seen: Counter[str]) -> str:
    """The same for the same finding when other lines move it: no line's number is in it.

    The line's text is, as it is shown: without secrets.
    """
    said = " ".join(one.source.split()) if isinstance(one, Fault) else one.message
    key = "\0".join((one.code, PurePath(one.file).as_posix(), said))
    seen[key] += 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode(errors="replace")).hexdigest()[:32]
