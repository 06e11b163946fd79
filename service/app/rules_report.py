"""Tells subscribers with `reports: true` of mistakes in the rules files of the service."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from service.alerts.alert import Event, alert_id, rfc3339
from service.errors import Fault, StoreError
from service.rules.rules import Rules
from service.store.rules.rules_record import RulesRecord

RULES_FAULT: Final = "rules.fault"
COMMAND: Final = "tocsin check"
MAX_FAULTS = 20
"""Most mistakes in one report."""
MAX_IDS = 100
"""Most ids of watchlists in one report."""

log = structlog.get_logger(__name__)


class RulesReport:
    """Sends reports about the newest rules files, and keeps one that Redis did not take."""

    def __init__(self, record: RulesRecord, now: Callable[[], datetime]) -> None:
        self._record = record
        self._now = now
        self._unsent: tuple[Rules, str] | None = None

    async def send(self, rules: Rules, refused: str) -> None:
        """Send a report, unless the same faults were reported last, by whichever worker."""
        self._unsent = rules, refused
        try:
            await self.send_left()
        except StoreError as error:
            log.warning("rules.fault_not_reported", reason=str(error))

    async def send_left(self) -> None:
        """Send what Redis did not take before. Raises StoreError where it does not take it now."""
        unsent = self._unsent
        if unsent is None:
            return
        at, (rules, refused) = self._now(), unsent
        event = fault_event(rules, refused, at)
        await self._record.report_faults(_digest(rules, refused), event, at=at)
        if self._unsent is unsent:  # and no newer ones came meanwhile
            self._unsent = None


def fault_event(rules: Rules, refused: str, at: datetime) -> Event | None:
    """The report about the newest rules files; None where they are good or nobody wants reports.

    `refused`: why they are not put in force.
    """
    names = tuple(one.id for one in rules.subscribers.values() if one.reports)
    if not names or not (rules.faults or refused):
        return None
    data: dict[str, Any] = {
        "message": f"{_message(rules, refused)} To see all: {COMMAND}",
        "command": COMMAND,
        "refused": refused,
        "count": len(rules.faults),
        "faults": [_facts(fault) for fault in rules.faults[:MAX_FAULTS]],
        "running_last_good": list(rules.kept[:MAX_IDS]),
        "left_out": list(rules.left_out[:MAX_IDS]),
    }
    return Event(
        RULES_FAULT, alert_id(RULES_FAULT, rfc3339(at), _digest(rules, refused)), data, names
    )


def _message(rules: Rules, refused: str) -> str:
    said = []
    if refused:
        said.append(f"{refused[:1].upper()}{refused[1:]}.")
    if rules.faults:
        count, first = len(rules.faults), rules.faults[0]
        mistakes = "1 mistake" if count == 1 else f"{count} mistakes"
        said.append(f"The rules files have {mistakes}: {first.file}:{first.line}: {first.message}.")
    if rules.kept:
        said.append(f"The last good version stays of: {_listed(rules.kept)}.")
    if rules.left_out:
        said.append(f"Not in force at all: {_listed(rules.left_out)}.")
    return " ".join(said)


def _listed(ids: Sequence[str], most: int = 5) -> str:
    more = len(ids) - most
    return ", ".join(ids[:most]) + (f" and {more:,} more" if more > 0 else "")


def _facts(fault: Fault) -> dict[str, Any]:
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "message": fault.message,
        "hint": fault.hint,
    }


def _digest(rules: Rules, refused: str) -> str:
    """The same for the same mistakes, wherever they stand in their files; "" for none."""
    if not rules.faults and not refused:
        return ""
    said = sorted({f"{fault.file} {fault.message}" for fault in rules.faults})
    return hashlib.blake2b("\n".join((refused, *said)).encode(), digest_size=8).hexdigest()
