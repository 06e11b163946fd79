"""The log lines of a set of rules that came into force."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from service.errors import Fault
from service.rules.rules import Rules

MAX_LOGGED_IDS = 100
"""Most ids of watchlists and subscribers whose last good version is in force."""

log = structlog.get_logger(__name__)


def log_rules(rules: Rules, known_faults: Collection[Fault], seconds: float) -> None:
    """Logs a set of rules and its faults, except those that were logged before.

    `seconds`: from the change of the files until the rules were in force.
    """
    known = set(known_faults)
    for fault in rules.faults:
        if fault not in known:
            log.error(
                "rules.fault",
                file=fault.file,
                line=fault.line,
                column=fault.column,
                message=fault.message,
                hint=fault.hint,
            )
    log.info(
        "rules.loaded",
        watchlists=len(rules.watchlists),
        subscribers=len(rules.subscribers),
        faults=len(rules.faults),
        kept=list(rules.kept[:MAX_LOGGED_IDS]),
        rules=rules.digest,
        seconds=round(seconds, 3),
    )
