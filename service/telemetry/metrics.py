"""What a process counts of its own work, and how long that takes: `/metrics` shows it.

Each count is made where the thing happens. All series exist from the start, with 0, so that the
first increase of a rate is seen; labels have few values, and none is the id of a watchlist or an
article. Processes that help this one count nothing themselves. docs/metrics.md lists all names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal, TypeVar, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    disable_created_metrics,
)

# Nothing here needs a series more for each, with the time at which it began.
disable_created_metrics()  # type: ignore[no-untyped-call]

Answer = TypeVar("Answer")

REGISTRY = CollectorRegistry()
"""What this process has counted since it started."""


def _counter(name: str, help_: str) -> Counter:
    return Counter(name, help_, registry=REGISTRY)


def _counters(name: str, help_: str, label: str, values: Iterable[str]) -> dict[str, Counter]:
    family = Counter(name, help_, [label], registry=REGISTRY)
    return {value: family.labels(value) for value in values}


def _summaries(name: str, help_: str, label: str, values: Iterable[str]) -> dict[str, Summary]:
    family = Summary(name, help_, [label], registry=REGISTRY)
    return {value: family.labels(value) for value in values}


def _histogram(name: str, help_: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(name, help_, registry=REGISTRY, buckets=buckets)


# --- articles --------------------------------------------------------------------------------

ARTICLES = _counters(
    "tocsin_articles_total",
    "Entries that were decided, by what came of them.",
    "outcome",
    ("matched", "unmatched", "superseded", "dead_lettered"),
)
DEAD_LETTERS = _counters(
    "tocsin_dead_letters_total",
    "Entries that became dead letters, by the kind of the reason.",
    "reason",
    ("format", "encoding", "no_text", "wall", "size", "limits", "partial", "undecided"),
)
ARTICLE_FAILURES = _counter(
    "tocsin_article_failures_total", "Entries on which Tocsin itself failed; they stay pending."
)
CONFLICTS = _counter(
    "tocsin_article_conflicts_total",
    "Entries that stay pending because other workers decided their articles each time before.",
)
RECLAIMED = _counter(
    "tocsin_reclaimed_entries_total", "Entries that were taken over from workers that had ended."
)
STAGES = _summaries(
    "tocsin_batch_stage_seconds",
    "Time of each stage of a batch of entries, pauses for other work included.",
    "stage",
    ("read", "match", "history", "decide", "commit"),
)


async def timed(stage: str, work: Callable[[], Awaitable[Answer]]) -> Answer:
    """What the work returns; its time is that of a stage of a batch."""
    with STAGES[stage].time():
        return await work()


# --- alerts ----------------------------------------------------------------------------------

MATCHES = _counter("tocsin_matches_total", "Matches of a watchlist and an article.")
ALERTS = _counters(
    "tocsin_alerts_total",
    "What became of matches and retractions.",
    "outcome",
    ("created", "updated", "retracted", "held", "joined", "repeated"),
)
SILENCED = _counter("tocsin_alerts_silenced_total", "Alerts that a silence kept from a subscriber.")
DIGESTS = _counter("tocsin_digests_total", "Digests and summaries of throttles that were written.")

VerdictOutcome = Literal[
    "shown", "useful", "noise", "refused", "expired", "gone", "limited", "failed"
]
VERDICT_REQUESTS = _counters(
    "tocsin_verdict_requests_total",
    "Requests of links for verdicts, by what came of them.",
    "outcome",
    get_args(VerdictOutcome),
)
_KINDS = ("source", "stream", "watchlist")
RHYTHM_CHANGES = _counters(
    "tocsin_rhythm_changes_total",
    "Sources, streams and watchlists that went quiet, were back, or had far more stories.",
    "change",
    [f"{one}_{to}" for one in _KINDS for to in ("quiet", "back")] + ["watchlist_spike"],
)

# --- deliveries ------------------------------------------------------------------------------

AttemptOutcome = Literal["delivered", "failed", "gave_up", "postponed"]
OTHER_CHANNEL = "other"
"""Of a subscriber that the rules do not have, or of a channel that is added elsewhere."""
CHANNELS = ("webhook", "slack", "email", "relay", OTHER_CHANNEL)
_ATTEMPTS = Counter(
    "tocsin_delivery_attempts_total",
    "Attempts to deliver, by channel and outcome; a postponed one sent nothing.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
_ATTEMPT_SECONDS = Histogram(
    "tocsin_delivery_attempt_seconds",
    "From the start of an attempt to its answer.",
    ["channel"],
    registry=REGISTRY,
    buckets=(0.025, 0.1, 0.25, 1, 2.5, 5, 15),
)
_OUTCOMES: tuple[AttemptOutcome, ...] = ("delivered", "failed", "gave_up", "postponed")
ATTEMPTS = {
    (channel, outcome): _ATTEMPTS.labels(channel, outcome)
    for channel in CHANNELS
    for outcome in _OUTCOMES
}
ATTEMPT_SECONDS = {channel: _ATTEMPT_SECONDS.labels(channel) for channel in CHANNELS}
SUPERSEDED = _counter(
    "tocsin_deliveries_superseded_total",
    "Attempts whose lease had ended: another worker holds or has ended the delivery.",
)
DELIVERY_ENDS = _counters(
    "tocsin_deliveries_total",
    "Deliveries that ended: the receiver has it, or it has failed for good.",
    "outcome",
    ("delivered", "failed"),
)
LANE_CHANGES = _counters(
    "tocsin_lane_changes_total",
    "Circuits of lanes that opened or closed, and subscribers that were disabled.",
    "change",
    ("opened", "closed", "disabled"),
)
_QUICK = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600)
SINCE_DUE = _histogram(
    "tocsin_delivery_wait_seconds", "From the time a delivery is due to its attempt.", _QUICK
)
SINCE_ADDED = _histogram(
    "tocsin_delivery_since_added_seconds",
    "From XADD of the article to its first alert at the receiver.",
    _QUICK,
)
SINCE_PUBLISHED = _histogram(
    "tocsin_delivery_since_published_seconds",
    "From `published_at` of the article to its first alert at the receiver.",
    (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 72 * 3600),
)

# --- rules and Redis -------------------------------------------------------------------------

RELOADS = _counters(
    "tocsin_rules_reloads_total",
    "Changes of rules files that were put in force, and that could not be.",
    "outcome",
    ("done", "failed"),
)
RULES_IN_FORCE = Gauge(
    "tocsin_rules_in_force_timestamp_seconds",
    "When the rules came into force by which this process judges; 0: there are none yet.",
    registry=REGISTRY,
)
RULES_CURRENT = Gauge(
    "tocsin_rules_current",
    "0 where there are no rules yet, or the files of this process could not be put in force; else "
    "1, also where another worker has newer ones.",
    registry=REGISTRY,
)
RULES_SECONDS = Gauge(
    "tocsin_rules_load_seconds",
    "From the change of the files until the rules were in force, the last time.",
    registry=REGISTRY,
)
_RULES = Gauge("tocsin_rules", "Parts of the rules in force.", ["part"], registry=REGISTRY)
RULES = {
    part: _RULES.labels(part)
    for part in ("watchlists", "subscribers", "faults", "last_good", "left_out")
}


def count_reload(seconds: float, parts: Mapping[str, int]) -> None:
    """Rules came into force, with so many of each of their parts."""
    RELOADS["done"].inc()
    RULES_IN_FORCE.set_to_current_time()
    RULES_CURRENT.set(1)
    RULES_SECONDS.set(seconds)
    for part, number in parts.items():
        RULES[part].set(number)


def count_failed_reload() -> None:
    """Changed files could not be put in force; older rules stay."""
    RELOADS["failed"].inc()
    RULES_CURRENT.set(0)


OTHER_SCRIPT = "other"
REDIS_CALLS = _summaries(
    "tocsin_redis_script_seconds",
    "Calls of scripts at the Redis server, until their answer.",
    "script",
    (
        "commit/commit", "deliveries/waiting", "held/due", "held/release", "input_stream/backlog",
        "input_stream/trim", "input_stream/vanished", "lanes/due", "lanes/lease", "lanes/settle",
        "stories/history", "stories/known/kept", "stories/known/texts", "stories/near",
        OTHER_SCRIPT,
    ),
)  # fmt: skip
REDIS_ERRORS = _counters(
    "tocsin_redis_errors_total",
    "Calls that Redis refused or did not answer.",
    "error",
    ("timeout", "connection", "foreign_key", "refused"),
)


def count_call(script: str, seconds: float) -> None:
    """Count one call of a script that Redis answered."""
    REDIS_CALLS.get(script, REDIS_CALLS[OTHER_SCRIPT]).observe(seconds)


def count_attempt(channel: str | None, outcome: AttemptOutcome, seconds: float) -> None:
    """Count one attempt; `channel`: its subscriber's, None where the rules do not have it."""
    known = channel if channel in ATTEMPT_SECONDS else OTHER_CHANNEL
    ATTEMPTS[known, outcome].inc()
    if outcome != "postponed":
        ATTEMPT_SECONDS[known].observe(seconds)
