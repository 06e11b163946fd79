"""The watchlists' own tests as JUnit XML, which CI systems show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from xml.etree import ElementTree as ET

from service.rules.checks.own_tests import CheckResult
from service.telemetry.log import visible


def junit_xml(results: Iterable[CheckResult], explain: Callable[[CheckResult], list[str]]) -> str:
    """A suite for each watchlist; `explain` says why a test failed."""
    suites = ET.Element("testsuites", name="tocsin test")
    for id_, group in groupby(results, key=lambda each: each.watchlist.id):
        found = list(group)
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=id_,
            tests=str(len(found)),
            failures=str(sum(not each.passed and each.judgement is not None for each in found)),
            errors=str(sum(each.judgement is None for each in found)),
        )
        for each in found:
            _add_case(suite, each, explain)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(
    suite: ET.Element, result: CheckResult, explain: Callable[[CheckResult], list[str]]
) -> None:
    check = result.check
    kind = "match" if check.matches else "no_match"
    title = check.article if isinstance(check.article, str) else check.article.get("title", "")
    case = ET.SubElement(
        suite,
        "testcase",
        classname=visible(result.watchlist.id),
        name=visible(f"line {check.line}: {kind} {title}".rstrip()),
        file=visible(result.watchlist.file),
        line=str(check.line),
    )
    if not result.passed:
        kind = "error" if result.judgement is None else "failure"
        lines = [visible(line) for line in explain(result)]
        ET.SubElement(case, kind, message=lines[0] if lines else "").text = "\n".join(lines)
