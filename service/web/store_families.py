"""What waits in the store, as metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from service.alerts.rhythm.slot_counts import Kind
from service.store.deliveries.waiting import LANE_STATES, MAX_NAMED, WaitingDeliveries
from service.web.store_figures import Figures, StreamFigures


def quiet_family(quiet: Mapping[Kind, int]) -> Metric:
    """Who is quiet."""
    family = GaugeMetricFamily(
        "tocsin_quiet",
        "Sources, streams and watchlists that are quiet for far longer than usual.",
        labels=["kind"],
    )
    for kind, count in quiet.items():
        family.add_metric([kind], count)
    return family


def store_families(figures: Figures, foreign: Collection[str] = ()) -> Iterator[Metric]:
    """What waits in the store; `foreign`: streams with another program's key in the way."""
    told = {stream: found for stream, found in figures.items() if found is not None}
    yield gauge(
        "tocsin_store_up",
        "1 where Redis answers for the stream, else 0.",
        {stream: int(found is not None or stream in foreign) for stream, found in figures.items()},
    )
    for name, said, value in _BY_STREAM:
        yield gauge(name, said, {stream: value(found) for stream, found in told.items()})
    for name, said, total in _TOTALS:
        counter = CounterMetricFamily(name, said, labels=["stream"])
        for stream, found in told.items():
            counter.add_metric([stream], total(found))
        yield counter
    lanes = GaugeMetricFamily(
        "tocsin_lanes",
        "Lanes in which something waits, and disabled ones, by state.",
        labels=["stream", "state"],
    )
    for stream, found in told.items():
        for state in LANE_STATES:
            lanes.add_metric([stream, state], found.deliveries.lanes.get(state, 0))
    yield lanes
    yield _busiest([found.deliveries for found in told.values()])


def _busiest(found: Iterable[WaitingDeliveries]) -> Metric:
    sizes: Counter[str] = Counter()
    pending = 0
    for each in found:
        sizes.update(dict(each.busiest))
        pending += each.pending
    family = GaugeMetricFamily(
        "tocsin_lane_pending_deliveries",
        f"Deliveries that wait, for the {MAX_NAMED} subscribers with most of them; the rest has an "
        "empty name.",
        labels=["subscriber"],
    )
    for name, size in sizes.most_common(MAX_NAMED):
        family.add_metric([name], size)
        pending -= size
    family.add_metric([""], max(0, pending))
    return family


def gauge(name: str, said: str, values: Mapping[str, float]) -> Metric:
    """A gauge with a value for each stream."""
    family = GaugeMetricFamily(name, said, labels=["stream"])
    for stream, value in values.items():
        family.add_metric([stream], value)
    return family


def _time(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


_Row = tuple[str, str, Callable[[StreamFigures], float]]
_BY_STREAM: tuple[_Row, ...] = (
    (
        "tocsin_stream_unread_entries",
        "Entries that are not read yet; NaN where Redis cannot tell.",
        lambda one: float("nan") if one.backlog.unread is None else one.backlog.unread,
    ),
    (
        "tocsin_stream_pending_entries",
        "Entries that were read and are not finished.",
        lambda one: one.backlog.pending,
    ),
    (
        "tocsin_stream_oldest_timestamp_seconds",
        "When the oldest entry was added that is not finished; 0: none is left.",
        lambda one: _time(one.backlog.oldest),
    ),
    (
        "tocsin_stream_last_added_timestamp_seconds",
        "When the newest entry was added; 0: none ever was.",
        lambda one: _time(one.backlog.last_added),
    ),
    (
        "tocsin_stream_lag_seconds",
        "For how long the oldest entry waits that is not finished, by the clock of Redis.",
        lambda one: one.backlog.lag.total_seconds(),
    ),
    (
        "tocsin_stream_dead_letters",
        "Dead letters that are kept.",
        lambda one: one.backlog.dead_letters,
    ),
    (
        "tocsin_deliveries_pending",
        "Deliveries that have not ended.",
        lambda one: one.deliveries.pending,
    ),
    (
        "tocsin_deliveries_failed",
        "Deliveries that failed for good and are kept.",
        lambda one: one.deliveries.failed,
    ),
    (
        "tocsin_deliveries_due",
        "Deliveries that could be sent now: none of a lane that is paused, open or disabled.",
        lambda one: one.deliveries.due,
    ),
    (
        "tocsin_deliveries_oldest_due_timestamp_seconds",
        "Since when the lane waits that has waited longest to be served; 0: none waits.",
        lambda one: _time(one.deliveries.oldest_due),
    ),
    (
        "tocsin_clock_ahead_seconds",
        "By how much the clock of this machine is ahead of that of Redis; below 0: behind.",
        lambda one: one.clock_ahead.total_seconds(),
    ),
)
"""Name, help and value of each gauge that every stream has."""
_TOTALS: tuple[_Row, ...] = (
    (
        "tocsin_stream_added_entries",
        "Entries that were added to the stream, ever.",
        lambda one: one.backlog.added,
    ),
    (
        "tocsin_stream_vanished_entries",
        "Entries that were trimmed or deleted before they were read or finished.",
        lambda one: one.backlog.vanished,
    ),
)
"""The same of each count that Redis keeps."""
