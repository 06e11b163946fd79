"""What the log and the metrics say of rules that came into force, and of some that did not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import structlog

from service.errors import Fault
from service.rules.in_force.state import MAX_NAMES, RulesChange
from service.rules.rules import Rules
from service.telemetry import metrics

log = structlog.get_logger(__name__)


def log_faults(faults: Collection[Fault], known_faults: Collection[Fault]) -> None:
    """Logs the faults of rules files, except those that were logged before."""
    known = set(known_faults)
    for fault in faults:
        if fault not in known:
            log.error(
                "rules.fault",
                file=fault.file,
                line=fault.line,
                column=fault.column,
                message=fault.message,
                hint=fault.hint,
            )


def log_rules(rules: Rules, change: RulesChange, seconds: float, followed: str) -> None:
    """Logs a set of rules that this process judges by from now on.

    `seconds`: from the change of the files until the rules were in force. `followed`: the worker
    whose rules files they come from, if these are not this process's own.
    """
    metrics.count_reload(
        seconds,
        {
            "watchlists": len(rules.watchlists),
            "subscribers": len(rules.subscribers),
            "faults": len(rules.faults),
            "last_good": len(rules.kept),
            "left_out": len(rules.left_out),
        },
    )
    log.info(
        "rules.loaded",
        watchlists=len(rules.watchlists),
        subscribers=len(rules.subscribers),
        faults=len(rules.faults),
        kept=_first(rules.kept),
        left_out=_first(rules.left_out),
        rules=rules.digest,
        **change_counts(change),
        **({"from_worker": followed} if followed else {}),
        seconds=round(seconds, 3),
    )


def change_counts(change: RulesChange) -> dict[str, Any]:
    """What a change added, removed and changed: the first ids of each, and how many there are."""
    found: dict[str, Any] = {}
    for name in ("added", "removed", "changed"):
        ids = getattr(change, name)
        found[name] = _first(ids)
        if len(ids) > MAX_NAMES:
            found[f"{name}_count"] = len(ids)
    return found


def _first(ids: Sequence[str]) -> list[str]:
    return list(ids[:MAX_NAMES])
