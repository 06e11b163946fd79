"""deploy/prometheus, deploy/grafana, docs/runbook.md: they use what there is, and name a fault."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from builders.figures import scrape, some_figures

ROOT = Path(__file__).parents[3]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "tocsin.json"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
RULES: list[dict[str, Any]] = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0][
    "rules"
]
PARTS = ("feed", "text", "match", "rules", "store", "delivery", "receiver")
MINUTES = 120
BEGINS = 80
"""The minute in which a fault begins."""
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (apt install prometheus)"
)


def promtool(*words: str) -> None:
    """Run it; what it says where it fails."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def queries() -> Iterator[tuple[str, str]]:
    """Each panel's title and expression, with the dashboard's variables filled in."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


async def test_every_metric_that_they_use_exists() -> None:
    """With its suffix; a metric that is renamed is renamed here too."""
    known = {"up", "ALERTS"}
    for family in text_string_to_metric_families((await scrape({"a": some_figures()})).decode()):
        known |= {sample.name for sample in family.samples}
    texts = [ALERTS.read_text(encoding="utf-8"), DASHBOARD.read_text(encoding="utf-8"), RUNBOOK]
    used = {name for text in texts for name in re.findall(r"\btocsin_[a-z_]+\b", text)}
    assert used
    assert used - known == set()


def test_every_alert_has_its_part_and_its_entry() -> None:
    """The entry says what it means, where to look and what to type."""
    assert {rule["labels"]["part"] for rule in RULES} == set(PARTS)
    headings = re.findall(r"^### (\w+)$", RUNBOOK, re.MULTILINE)
    assert sorted(headings) == sorted(rule["alert"] for rule in RULES)
    for rule in RULES:
        entry = RUNBOOK.split(f"### {rule['alert']}\n")[1].split("\n### ")[0]
        assert "`tocsin " in entry or "```console" in entry or "/readyz" in entry, rule["alert"]
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_the_first_row_of_the_dashboard_names_the_faulty_part() -> None:
    """One panel for each part, that shows the alerts of it that fire."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    top = min(panel["gridPos"]["y"] for panel in dashboard["panels"])
    row = [panel for panel in dashboard["panels"] if panel["gridPos"]["y"] == top]
    assert [panel["title"].lower() for panel in row] == list(PARTS)
    for panel in row:
        (target,) = panel["targets"]
        assert f'part="{panel["title"].lower()}"' in target["expr"]


WELL = {
    'up{job="tocsin",instance="a"}': "1x120",
    'tocsin_build_info{roles="deliver,match",instance="a"}': "1x120",
    'tocsin_stream_reading{stream="s",instance="a"}': "1x120",
    'tocsin_store_up{stream="s",instance="a"}': "1x120",
    'tocsin_stream_last_added_timestamp_seconds{stream="s",instance="a"}': "0+60x120",
    'tocsin_stream_lag_seconds{stream="s",instance="a"}': "1x120",
    'tocsin_quiet{kind="source",instance="a"}': "0x120",
    'tocsin_stream_vanished_entries_total{stream="s",instance="a"}': "0x120",
    'tocsin_articles_total{outcome="unmatched",instance="a"}': "0+600x120",
    'tocsin_dead_letters_total{reason="no_text",instance="a"}': "0+6x120",
    'tocsin_article_failures_total{instance="a"}': "0x120",
    'tocsin_rules_current{instance="a"}': "1x120",
    'tocsin_rules{part="faults",instance="a"}': "0x120",
    'tocsin_rules{part="left_out",instance="a"}': "0x120",
    'tocsin_redis_errors_total{error="timeout",instance="a"}': "0x120",
    'tocsin_redis_errors_total{error="foreign_key",instance="a"}': "0x120",
    'tocsin_redis_script_seconds_sum{script="commit/commit",instance="a"}': "0+6x120",
    'tocsin_redis_script_seconds_count{script="commit/commit",instance="a"}': "0+6000x120",
    'tocsin_clock_ahead_seconds{stream="s",instance="a"}': "0.1x120",
    'tocsin_deliveries_oldest_due_timestamp_seconds{stream="s",instance="a"}': "0x120",
    'tocsin_lanes{state="open",stream="s",instance="a"}': "0x120",
    'tocsin_delivery_attempts_total{outcome="delivered",channel="slack",instance="a"}': "0+60x120",
    'tocsin_delivery_attempts_total{outcome="failed",channel="webhook",instance="a"}': "0x120",
    'tocsin_delivery_attempt_seconds_bucket{channel="webhook",le="1",instance="a"}': "0+60x120",
    'tocsin_delivery_attempt_seconds_bucket{channel="webhook",le="5",instance="a"}': "0+60x120",
    'tocsin_delivery_attempt_seconds_bucket{channel="webhook",le="+Inf",instance="a"}': "0+60x120",
    'tocsin_lane_changes_total{change="disabled",instance="a"}': "0x120",
    'tocsin_deliveries_total{outcome="failed",instance="a"}': "0x120",
}
"""The series of an installation that is well, a value a minute."""
GONE = "1x79 _x40"
FAULTS: dict[str, tuple[Mapping[str, str], set[str]]] = {
    "nothing is wrong": ({}, set()),
    "the feed stops": (
        {"tocsin_stream_last_added": "0+60x20 1200x100"},
        {"TocsinFeedStopped"},
    ),
    "a source stops": ({"tocsin_quiet": "0x79 1x40"}, {"TocsinQuiet"}),
    "somebody trims the stream": (
        {"tocsin_stream_vanished": "0x79 0+5x40"},
        {"TocsinArticlesVanished"},
    ),
    "a source sends empty pages": (
        {"tocsin_dead_letters": "0+6x79 480+300x40"},
        {"TocsinManyDeadLetters"},
    ),
    "the last worker is killed": (
        {
            "up{": "1x79 0x40",
            "tocsin_build_info": GONE,
            "tocsin_stream_": GONE,
            "tocsin_store_up": GONE,
            "tocsin_rules": GONE,
        },
        {"TocsinNoMatcher", "TocsinNoSender", "TocsinProcessDown"},
    ),
    "the workers that match are gone, one that delivers is there": (
        {
            'tocsin_build_info{roles="deliver,match"': GONE,
            'tocsin_build_info{roles="deliver"': "1x120",
            "tocsin_stream_lag": "1x79 0+60x40",
        },
        {"TocsinNoMatcher", "TocsinLate"},
    ),
    "the workers that deliver are gone": (
        {
            'tocsin_build_info{roles="deliver,match"': GONE,
            'tocsin_build_info{roles="match"': "1x120",
            "tocsin_deliveries_oldest_due": "0x79 4800x40",
        },
        {"TocsinNoSender", "TocsinDeliveriesLate"},
    ),
    "another program's key is in the stream's place": (
        {
            "tocsin_stream_reading": "1x79 0x40",
            'tocsin_redis_errors_total{error="foreign_key"': "0x79 0+60x40",
        },
        {"TocsinStreamNotRead"},
    ),
    "a worker is stuck": ({"tocsin_stream_lag": "1x79 0+60x40"}, {"TocsinLate"}),
    "Tocsin fails on an article": (
        {"tocsin_article_failures": "0x90 1x30"},
        {"TocsinArticlesFail"},
    ),
    "the rules folder is emptied": (
        {"tocsin_rules_current": "1x79 0x40"},
        {"TocsinRulesNotCurrent"},
    ),
    "a watchlist is mistyped": ({'tocsin_rules{part="faults"': "0x79 1x40"}, {"TocsinRulesFaulty"}),
    "Redis is down": (
        {
            "tocsin_store_up": "1x79 0x40",
            'tocsin_redis_errors_total{error="timeout"': "0x79 0+60x40",
        },
        {"TocsinStoreDown", "TocsinStoreRefuses"},
    ),
    "Redis is full": (
        {
            'tocsin_redis_errors_total{error="timeout"': "0x79 0+60x40",
            "tocsin_stream_reading": "1x79 0x40",
        },
        {"TocsinStoreRefuses"},
    ),
    "Redis is slow": (
        {"tocsin_redis_script_seconds_sum": "0+6x79 480+3000x40"},
        {"TocsinStoreSlow"},
    ),
    "a clock is behind": ({"tocsin_clock_ahead": "0.1x79 -120x40"}, {"TocsinClockWrong"}),
    "the workers that deliver are too few": (
        {"tocsin_deliveries_oldest_due": "0x79 4800x40"},
        {"TocsinDeliveriesLate"},
    ),
    "one receiver is down": ({"tocsin_lanes": "0x79 1x40"}, {"TocsinReceiverDown"}),
    "DNS is gone": (
        {
            'tocsin_delivery_attempts_total{outcome="delivered"': "0+60x79 4740x40",
            'tocsin_delivery_attempts_total{outcome="failed"': "0x79 0+60x40",
        },
        {"TocsinNobodyReached"},
    ),
    "all receivers are slow": (
        {'tocsin_delivery_attempt_seconds_bucket{channel="webhook",le="1"': "0+60x79 4740x40"},
        {"TocsinReceiversSlow"},
    ),
    "a receiver answers 410": ({"tocsin_lane_changes": "0x79 1x40"}, {"TocsinSubscriberDisabled"}),
    "a delivery has used all attempts": (
        {"tocsin_deliveries_total": "0x79 1x40"},
        {"TocsinDeliveriesFailed"},
    ),
}
"""What each fault makes of some series, by how these begin; and the alerts that name it."""


def fault_test(name: str) -> dict[str, Any]:
    """The test of one fault as promtool takes it: which alerts fire half an hour later."""
    changes, expected = FAULTS[name]
    values = {**WELL}
    for begin, value in changes.items():
        found = [each for each in values if each.startswith(begin)]
        for each in found or [f'{begin},instance="b"}}']:
            values[each] = value
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": each, "values": value} for each, value in values.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": f"{BEGINS + 25}m",
                "exp_samples": [
                    {"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(expected)
                ],
            }
        ],
    }


@needs_promtool
def test_each_fault_is_named_by_its_alerts_and_no_others(tmp_path: Path) -> None:
    """`promtool test rules` over what each fault makes of the series."""
    cases = {"rule_files": [str(ALERTS)], "tests": [fault_test(name) for name in FAULTS]}
    path = tmp_path / "faults.yaml"
    path.write_text(yaml.safe_dump(cases), encoding="utf-8")
    promtool("test", "rules", str(path))


def test_every_alert_is_provoked() -> None:
    """One that no fault makes fire is not known to fire."""
    assert {name for _, found in FAULTS.values() for name in found} == {
        rule["alert"] for rule in RULES
    }


@needs_promtool
def test_the_expressions_of_the_dashboard_are_valid(tmp_path: Path) -> None:
    """Read as rules would be."""
    records = [
        {"record": f"panel:{number}", "expr": query} for number, (_, query) in enumerate(queries())
    ]
    assert len(records) > len(PARTS)
    path = tmp_path / "dashboard.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": records}]}))
    promtool("check", "rules", str(path))
