"""What the log and the metrics say of an attempt, its delivery and its lane."""

from __future__ import annotations

from datetime import timedelta

import structlog

from service.store.lanes.settlement import Settled, Settlement
from service.store.lanes.verdict import Completed, Exhausted, Postponed, RetryLater
from service.telemetry import metrics

log = structlog.get_logger(__name__)


def log_settlement(settlement: Settlement, settled: Settled) -> None:
    """Log what became of the delivery, and what happened to its lane."""
    attempt = settlement.attempt
    facts = {"status": attempt.status, "duration_ms": attempt.duration_ms}
    match settlement.verdict:
        case _ if not settled.counted:
            metrics.SUPERSEDED.inc()
            log.warning("delivery.superseded", **facts)
        case Completed(elsewhere=stream) if stream:
            log.info("delivery.sent_elsewhere", stream=stream)
        case Completed():
            metrics.DELIVERY_ENDS["delivered"].inc()
            log.info("delivery.delivered", **facts)
        case RetryLater(after):
            log.warning("delivery.failed", reason=attempt.error, next_in=_seconds(after), **facts)
        case Exhausted():
            metrics.DELIVERY_ENDS["failed"].inc()
            log.error("delivery.exhausted", reason=attempt.error, **facts)
        case Postponed(after, reason):
            log.debug("delivery.postponed", reason=reason, next_in=_seconds(after))
    if settled.lane:
        metrics.LANE_CHANGES[settled.lane].inc()
    match settled.lane:
        case "opened":
            log.warning("lane.opened", reason=attempt.error)
        case "closed":
            log.info("lane.closed")
        case "disabled":
            log.error("subscriber.disabled", reason=settled.disabled, last_error=attempt.error)


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 1)
