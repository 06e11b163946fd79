"""What a commit writes: no command has more arguments than a script can pass on."""

from __future__ import annotations

from itertools import chain

import pytest
from redis.asyncio import Redis

from service.alerts.alert import Event, alert_id
from service.alerts.decision import AlertDraft, Counted, Decision, Outcome, Retracted
from service.alerts.history import AlertHistory, SentAlert, StoryReach
from service.alerts.silence import Silence
from service.articles.identity import Identity
from service.store.client import Store
from service.store.commit.plan import MOST_ARGUMENTS, AlertPlan

ARTICLE = Identity("", "a1")
NAMES = tuple(f"desk-{number}" for number in range(MOST_ARGUMENTS + 1))


@pytest.mark.parametrize("decision", [Counted(10, NAMES), Retracted(NAMES)])
def test_an_alert_with_many_subscribers_is_written_in_several_commands(decision: Decision) -> None:
    """All of them are written: whom silences keep it from, and whom its story may reach again."""
    id_ = alert_id("jets", *ARTICLE.parts)
    draft = AlertDraft(id_, "jets", ARTICLE, "r2", "1-0", 50, NAMES, "sty_1")
    reached = StoryReach(id_, by_subscriber=dict.fromkeys(NAMES, id_))
    before = AlertHistory(SentAlert(id_, "r1", subscribers=NAMES), reached)
    silence = Silence("sil_1", "tag", "x", "2099-01-01T00:00:00.000Z", "y", "")
    outcome = Outcome(
        draft, decision, Event("story.updated", id_, {}, ()), before, AlertHistory(),
        muted=dict.fromkeys(NAMES, silence),
    )  # fmt: skip
    commands = list(AlertPlan(Store(Redis(), "articles"), outcome).writes())
    assert max(map(len, commands)) <= MOST_ARGUMENTS + 2
    words = " ".join(map(str, chain.from_iterable(commands))).replace(":", " ").split()
    assert set(NAMES) <= set(words)
