"""What a subscriber wants to hear, and when: all of it but how it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.rules.schema.hours import DigestTimes, QuietHours


@dataclass(frozen=True, slots=True)
class Terms:
    """A subscriber's filters and hours.

    They hold no address and no secret, so that workers can share them in Redis.
    """

    min_score: float = 0.0
    """Alerts that score less are recorded, not sent."""
    severities: frozenset[str] = frozenset()
    """Only alerts of these severities are sent; empty: of all."""
    digest: DigestTimes | None = None
    """When it is sent a digest of all events; None: each event is sent by itself."""
    quiet: QuietHours | None = None
    """When nothing is sent to it."""

    def accepts(self, severity: str, score: float) -> bool:
        """Whether it wants an alert of this severity and score."""
        severe = not self.severities or severity in self.severities
        return severe and score >= self.min_score

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        found: dict[str, Any] = {}
        if self.min_score:
            found["min_score"] = self.min_score
        if self.severities:
            found["severities"] = sorted(self.severities)
        if self.digest:
            every = self.digest.every
            found["digest"] = {
                "every": every.total_seconds() if every else None,
                "at": [each.isoformat() for each in self.digest.at],
                "zone": self.digest.zone.key,
            }
        if self.quiet:
            found["quiet"] = {
                "begin": self.quiet.begin.isoformat(),
                "end": self.quiet.end.isoformat(),
                "zone": self.quiet.zone.key,
                "except": sorted(self.quiet.except_severities),
            }
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Terms:
        """The terms that `to_json` gave. Raises KeyError, TypeError, ValueError for others."""
        digest, quiet = found.get("digest"), found.get("quiet")
        return cls(
            float(found.get("min_score", 0)),
            frozenset(found.get("severities", ())),
            _digest(digest) if digest else None,
            _quiet(quiet) if quiet else None,
        )


def _digest(found: dict[str, Any]) -> DigestTimes:
    every = timedelta(seconds=found["every"]) if found["every"] else None
    return DigestTimes(every, tuple(map(time.fromisoformat, found["at"])), ZoneInfo(found["zone"]))


def _quiet(found: dict[str, Any]) -> QuietHours:
    begin, end = time.fromisoformat(found["begin"]), time.fromisoformat(found["end"])
    return QuietHours(begin, end, ZoneInfo(found["zone"]), frozenset(found["except"]))
