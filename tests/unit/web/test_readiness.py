"""What `/readyz` answers, summed up of the rules and the streams."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from builders.rules import load
from service.errors import Fault
from service.rules.rules import Rules
from service.store.lanes.state import LanesSummary
from service.web.readiness import Readiness, StreamState, WaitingDeliveries, readiness

FILE = """
watchlists:
  - {id: jets, match: fighter jet}
"""
GOOD = StreamState("articles", unread=3, pending=1)


def rules() -> Rules:
    """One watchlist without faults."""
    return load({"rules.yaml": FILE}, None)


def test_a_process_with_rules_and_streams_that_answer_is_ready() -> None:
    """It says how much waits in each stream."""
    found = readiness(rules(), [GOOD])
    assert found == Readiness(
        ready=True,
        watchlists=1,
        rules=rules().digest,
        unread={"articles": 3},
        pending={"articles": 1},
    )


def test_a_process_without_rules_is_not_ready() -> None:
    """Nothing is matched before the first rules are compiled."""
    found = readiness(None, [])
    assert found == Readiness(ready=False, problems=("the rules are being compiled",))


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        (replace(GOOD, not_read="no group"), "stream articles is not read: no group"),
        (replace(GOOD, writable=False), "stream articles: decisions cannot be written to Redis"),
        (
            StreamState("articles", error="Connection refused"),
            "stream articles: Connection refused",
        ),
    ],
)
def test_a_stream_with_a_problem_makes_the_process_not_ready(
    stream: StreamState, problem: str
) -> None:
    """The problem names the stream."""
    found = readiness(rules(), [stream])
    assert (found.ready, found.problems) == (False, (problem,))


def test_a_stream_that_does_not_answer_has_no_numbers() -> None:
    """The numbers of the others are there, and 0 is one."""
    idle, silent = StreamState("idle", 0, 0), StreamState("other", error="Connection refused")
    found = readiness(rules(), [GOOD, silent, idle])
    assert found.unread == {"articles": 3, "idle": 0}
    assert found.pending == {"articles": 1, "idle": 0}


def test_what_vanished_unread_is_shown_and_does_not_make_it_unready() -> None:
    """It is lost, and a restart brings none of it back."""
    found = readiness(rules(), [replace(GOOD, vanished=7), StreamState("other")])
    assert (found.ready, found.vanished) == (True, {"articles": 7})


def test_redis_may_not_know_how_much_is_unread() -> None:
    """After entries were deleted from a stream it gives none; that is no problem."""
    found = readiness(rules(), [replace(GOOD, unread=None)])
    assert (found.ready, found.unread) == (True, {"articles": None})


def test_faulty_rules_files_do_not_make_the_process_not_ready() -> None:
    """The service runs without what has the fault, or with rules that were read before."""
    faulty = replace(rules(), faults=(Fault("rules.yaml", 3, 5, "no such list", code="T203"),))
    found = readiness(faulty, [GOOD], unreadable="rules: no such folder")
    assert found.ready
    assert found.faults == ("rules: no such folder", "rules.yaml:3: no such list")


def test_what_is_not_in_force_makes_it_not_ready() -> None:
    """Articles are judged by less than the rules files say, and somebody should know."""
    less = replace(rules(), left_out=("jets", "all of b.yaml"))
    found = readiness(less, [GOOD], refused="the rules files are not put in force: none of 3")
    assert (found.ready, found.problems) == (
        False,
        (
            "the rules files are not put in force: none of 3",
            "not in force, since no good version is known: jets, all of b.yaml; `faults` say what "
            "to correct",
        ),
    )


DESK = 'subscribers: [{id: desk, webhook: {url: "https://d.example/", secret: "${S}"}}]'


@pytest.mark.parametrize("written", ["", "enabled: false, "])
def test_a_process_that_can_reach_nobody_is_not_ready(written: str) -> None:
    """Its only subscriber has a fault; one that is turned off is none."""
    text = f"subscribers: [{{id: desk, {written}webhook: {{url: x, secret: y}}}}]"
    found = readiness(load({"r.yaml": text}, None), [GOOD])
    assert found.problems == ("no subscriber can be reached: `faults` say why",)
    # Watchlists of the set in force, whose files are gone.
    without = load({"r.yaml": DESK}, lambda _: "whsec_" + "REVG" * 8)
    found = readiness(replace(without, subscribers={}), [GOOD])
    assert found.problems == ("no subscriber can be reached: the rules files name none",)
    off = text.replace("url: x, secret: y", 'url: "https://d.example", secret: "${S}"')
    assert readiness(load({"r.yaml": off}, None), [GOOD]).ready


def test_what_waits_is_shown_with_its_age() -> None:
    """Of deliveries and of open lanes, the oldest; of none there is no age."""
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    opened = [("desk", at - timedelta(minutes=9)), ("other", at - timedelta(seconds=7))]
    lanes = LanesSummary(at, 3, at - timedelta(hours=2), tuple(opened))
    found = readiness(rules(), [replace(GOOD, lanes=lanes)])
    assert found.ready
    assert found.deliveries == {
        "articles": WaitingDeliveries(3, 7200, ("desk", "other"), 540),
    }
    none = readiness(rules(), [replace(GOOD, lanes=LanesSummary(at, 0, None, ()))])
    assert none.deliveries == {"articles": WaitingDeliveries(0, None, (), None)}


def test_what_redis_lost_is_said() -> None:
    """No restart brings it back, so the process is ready."""
    found = readiness(rules(), [replace(GOOD, lost_deliveries=2, losses=("a group is gone",))])
    assert found.ready
    assert found.lost == (
        "stream articles: a group is gone",
        "stream articles: 2 deliveries are lost: deleted or evicted from Redis before they were "
        "sent",
    )


def test_a_flood_of_faults_and_ids_is_cut() -> None:
    """Probes ask every few seconds, and a hundred thousand watchlists may have faults."""
    ids = tuple(f"w{number}" for number in range(1_234))
    faults = tuple(Fault(f"{id_}.yaml", 1, 1, "bad", code="T101") for id_ in ids)
    found = readiness(replace(rules(), faults=faults, kept=ids[:100]), [GOOD])
    assert (len(found.faults), found.faults[-1]) == (101, "and 1,134 more")
    assert found.running_last_good == ids[:100]


def test_what_redis_may_lose_is_said_and_stops_nobody() -> None:
    """It is for the engineer; the process does its work."""
    found = readiness(rules(), [GOOD], store_risks=["no append-only file"])
    assert (found.ready, found.store_risks) == (True, ("no append-only file",))
