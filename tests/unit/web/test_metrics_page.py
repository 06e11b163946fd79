"""`/metrics`: every series from the start, with names that say what they count, and not many."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from builders.figures import AT, Series, scrape, series, some_figures
from service.web.store_families import store_families
from service.web.store_figures import Figures

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
MAX_SERIES = 500
STREAMS = [f"stream-{number}" for number in range(6)]


async def found(figures: Figures) -> Series:
    """The series of the page."""
    return series(await scrape(figures))


async def test_a_large_installation_has_few_series() -> None:
    """Six streams, and on each as many subscribers as are named; watchlists make none."""
    figures = {
        stream: some_figures(tuple((f"{stream}-{number}", number) for number in range(20)))
        for stream in STREAMS
    }
    assert 200 < len(await found(figures)) <= MAX_SERIES


async def test_the_busiest_subscribers_are_named_and_the_rest_is_one() -> None:
    """What waits for a subscriber on two streams is one sum; nothing is counted twice."""
    busiest = (("desk", 900), *((f"s{number}", 10) for number in range(19)))
    figures = {stream: some_figures(busiest) for stream in STREAMS[:2]}
    values = await found(figures)
    assert values["tocsin_lane_pending_deliveries", (("subscriber", "desk"),)] == 1800
    assert values["tocsin_lane_pending_deliveries", (("subscriber", ""),)] == 10
    named = [name for name, _ in values if name == "tocsin_lane_pending_deliveries"]
    assert len(named) == 21


async def test_a_stream_of_which_redis_tells_nothing_is_down() -> None:
    """Its figures are absent rather than 0, the other stream's are there."""
    values = await found({"a": some_figures(), "b": None})
    up = {labels: value for (name, labels), value in values.items() if name == "tocsin_store_up"}
    assert up == {(("stream", "a"),): 1, (("stream", "b"),): 0}
    foreign = {family.name: family for family in store_families({"b": None}, {"b"})}
    assert [sample.value for sample in foreign["tocsin_store_up"].samples] == [1]
    of_stream = "tocsin_stream_oldest_timestamp_seconds"
    assert values[of_stream, (("stream", "a"),)] == AT.timestamp()
    assert (of_stream, (("stream", "b"),)) not in values


async def test_it_says_which_process_this_is() -> None:
    """Versions and roles; the process's own memory and CPU."""
    values = await found({})
    (labels,) = [dict(labels) for name, labels in values if name == "tocsin_build_info"]
    assert (labels["version"], labels["roles"]) == ("1.2.3", "deliver,match")
    assert ("process_cpu_seconds_total", ()) in values


async def test_names_say_what_is_counted_in_which_unit() -> None:
    """As Prometheus's conventions have it: base units at the end, `_total` for counters."""
    for family in text_string_to_metric_families((await scrape({"a": some_figures()})).decode()):
        assert re.fullmatch(r"(tocsin|process)_[a-z0-9_]+", family.name)
        assert not re.search(r"_(ms|minutes|hours|age)(_|$)", family.name), family.name
        assert family.documentation, family.name
        if family.type in ("histogram", "summary"):
            assert family.name.endswith("_seconds"), family.name
        assert (family.type == "counter") == any(
            sample.name.endswith("_total") for sample in family.samples
        ), family.name


@pytest.mark.parametrize("name", ["tocsin_articles_total", "tocsin_delivery_attempts_total"])
async def test_a_count_begins_with_zero(name: str) -> None:
    """A rate over a series that appears with 1 would miss its first increase."""
    assert any(known == name for known, _ in await found({}))


def documented() -> dict[str, set[str]]:
    """The metrics of docs/metrics.md, each with its labels."""
    rows = re.findall(
        r"^\| `(tocsin_\w+)` \| (.*?) \|",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


async def test_the_page_lists_every_metric_with_its_labels() -> None:
    """docs/metrics.md has one row for each, and none for one that is gone."""
    told: dict[str, set[str]] = {}
    for family in text_string_to_metric_families((await scrape({"a": some_figures()})).decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        told[name] = labels
    ours = {name: labels for name, labels in told.items() if name.startswith("tocsin_")}
    assert ours == documented()
