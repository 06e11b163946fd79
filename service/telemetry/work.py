"""How much work a process has done, as it was counted."""

from __future__ import annotations

from dataclasses import dataclass

from service.telemetry.metrics import REGISTRY


@dataclass(frozen=True, slots=True)
class WorkTotals:
    """What a process has done since it started."""

    articles: float
    """Entries that were decided."""
    busy_seconds: float
    """In which it worked on them."""
    deliveries: float
    """Attempts that were sent."""


def work_totals() -> WorkTotals:
    """What this process has done, as it was counted."""
    return WorkTotals(
        _total("tocsin_articles_total"),
        _total("tocsin_batch_stage_seconds_sum"),
        _total("tocsin_delivery_wait_seconds_count"),
    )


def _total(name: str) -> float:
    """The sum of all series of this name."""
    families = REGISTRY.restricted_registry([name]).collect()
    return sum(one.value for family in families for one in family.samples if one.name == name)
