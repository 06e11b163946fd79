"""What subscribers want, as workers share it."""

from __future__ import annotations

import json
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.rules.schema.hours import DigestTimes, QuietHours
from service.rules.subscribers.terms import Terms

LONDON = ZoneInfo("Europe/London")
QUIET = QuietHours(time(22), time(7, 30), LONDON, frozenset({"critical", "high"}))


@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        Terms(min_score=70.5, severities=frozenset({"high", "low"})),
        Terms(digest=DigestTimes(every=timedelta(minutes=90))),
        Terms(digest=DigestTimes(None, (time(8), time(17, 45)), LONDON), quiet=QUIET),
    ],
)
def test_terms_are_read_as_they_were_written(terms: Terms) -> None:
    """Through JSON, which Redis keeps."""
    assert Terms.from_json(json.loads(json.dumps(terms.to_json()))) == terms
