"""A replay goes by the clock of the stream: hours pass between two entries."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from builders.articles import an_article
from builders.rules import load
from service.alerts.alert import rfc3339
from service.alerts.decision import Outcome
from service.alerts.people.silence import Silence
from service.archive.moments import from_ms
from service.archive.replay import Replay, UntoldStory
from service.articles.identity import revision

RULES = load(
    {
        "r.yaml": """
watchlists:
  - {id: busy, match: siren, notify: [desk], throttle: {max: 1, per: 1h}, repeat: article}
  - {id: jets, match: fighter jet, notify: [desk]}
  - {id: planes, match: airship, notify: [night]}
subscribers:
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}
  - id: night
    quiet: {from: "00:00", to: "23:59", except: []}
    webhook: {url: "https://night.example/hook", secret: "${SECRET}"}
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
HOUR = 3_600_000
NOON = 1_795_000_000_000


def a_replay(*silences: Silence) -> Replay:
    """With stories of 72 hours."""
    return Replay(RULES, window=72 * HOUR, similarity=0.38, silences=silences)


def outcomes(replay: Replay, hours: float, id_: str, text: str) -> Sequence[Outcome]:
    """What becomes of an article that is added so many hours after noon."""
    article = an_article(text, id=id_, revision=revision(text), source=id_)
    matches = RULES.engine.match(article, max_evidence=1)
    return replay.decide(f"{NOON + round(hours * HOUR)}-0", article, matches).decided.outcomes


def decisions(replay: Replay, hours: float, id_: str, text: str) -> list[str]:
    """The decisions alone."""
    return [type(each.decision).__name__ for each in outcomes(replay, hours, id_, text)]


def test_a_throttle_lets_go_when_its_span_is_over() -> None:
    """A correction of what it held is told then; before, it waits with the rest."""
    replay = a_replay()
    assert decisions(replay, 0, "a", "A siren was heard in Gilgit at noon.") == ["Created"]
    assert decisions(replay, 0.2, "b", "A siren was heard in Skardu at one.") == ["Held"]
    assert decisions(replay, 0.9, "b", "A siren was heard in Skardu at two.") == ["Held"]
    assert decisions(replay, 1, "b", "A siren was heard in Skardu at three.") == ["Updated"]
    assert decisions(replay, 1.2, "c", "A siren was heard in Padang at four.") == ["Created"]
    assert decisions(replay, 1.3, "d", "A siren was heard in Oslo at five.") == ["Held"]


def test_a_story_ends_with_its_window() -> None:
    """A copy within it is counted; one that comes later is news."""
    text = "A fighter jet landed in Ankara, where ministers of four countries had met engineers."
    replay = a_replay()
    assert decisions(replay, 0, "a", text) == ["Created"]
    assert decisions(replay, 71, "b", text) == ["Counted"]
    assert decisions(replay, 72, "c", text) == ["Created"]
    replay = a_replay()
    assert decisions(replay, 0, "a", text) == ["Created"]
    assert decisions(replay, 71, "b", text) == ["Counted"]
    assert decisions(replay, 72, "b", text) == ["Created"]


def test_an_article_that_no_longer_matches_hands_its_story_on() -> None:
    """The replay names the story; the copies that may tell it are known."""
    text = "A fighter jet landed in Ankara, where ministers of four countries had met engineers."
    replay = a_replay()
    decisions(replay, 0, "a", text)
    decisions(replay, 1, "b", text)
    gone = text.replace("fighter jet", "tractor")
    article = an_article(gone, id="a", revision=revision(gone), source="a")
    replayed = replay.decide(f"{NOON + 2 * HOUR}-0", article, ())
    assert [type(each.decision).__name__ for each in replayed.decided.outcomes] == ["Retracted"]
    (story,) = replayed.untold
    assert replay.copies(story, NOON + 2 * HOUR) == [f"{NOON + HOUR}-0"]
    assert replay.copies(story, NOON + 80 * HOUR) == []


def test_what_left_a_story_does_not_tell_it() -> None:
    """A copy that became another article, which matches as well."""
    text = "A fighter jet landed in Ankara, where ministers of four countries had met engineers."
    replay = a_replay()
    (outcome,) = outcomes(replay, 0, "a", text)
    story = UntoldStory(outcome.draft.story_id, outcome.draft.article.digest)
    decisions(replay, 1, "b", text)
    assert replay.copies(story, NOON + 2 * HOUR) == [f"{NOON + HOUR}-0"]
    decisions(replay, 2, "b", "Rain. The crew of a fighter jet was asked to wait until Friday.")
    assert replay.copies(story, NOON + 2 * HOUR) == []


def test_a_silence_holds_from_its_first_moment_to_before_its_last() -> None:
    """By the clock of the stream."""
    begins, ends = (rfc3339(from_ms(NOON + hours * HOUR)) for hours in (1, 2))
    replay = a_replay(Silence("s", "watchlist", "jets", ends, "a show", begins))
    muted = []
    for hours in (0.99, 1, 1.99, 2):
        text = f"A fighter jet landed in town {hours}."
        (outcome,) = outcomes(replay, hours, str(hours), text)
        muted.append([*outcome.muted])
    assert muted == [[], ["desk"], ["desk"], []]


def test_a_delivery_that_waits_is_taken_back_once() -> None:
    """In quiet hours an article matches, does not, and does again."""
    replay, ids = a_replay(), []
    for hours, what in enumerate(("airship", "tractor", "airship", "tractor")):
        (outcome,) = outcomes(replay, hours, "a", f"An {what} landed in Ankara on day {hours}.")
        ids.append([each.event_id for each in outcome.unsent])
    assert list(map(len, ids)) == [0, 1, 0, 1]
    assert ids[1] != ids[3]


@pytest.mark.parametrize("later", ["Ankara at noon", "tractor"])
def test_a_copy_that_is_read_again_takes_no_newer_version_back(later: str) -> None:
    """Whether the copy was corrected since, or tells of the story no more."""
    text = "A fighter jet landed in Ankara, where ministers of four countries had met engineers."
    changed = text.replace("fighter jet" if later == "tractor" else "Ankara", later)
    replay = a_replay()
    decisions(replay, 0, "a", text)
    decisions(replay, 1, "b", text)

    def again(hours: int) -> bool:
        article = an_article(text, id="b", revision=revision(text), source="b")
        matches = RULES.engine.match(article, max_evidence=1)
        entry, origin = (f"{NOON + hour * HOUR}-0" for hour in (hours, 1))
        return replay.decide(entry, article, matches, origin).decided.superseded

    assert not again(2)
    article = an_article(changed, id="b", revision=revision(changed), source="b")
    matches = RULES.engine.match(article, max_evidence=1)
    replay.decide(f"{NOON + 3 * HOUR}-0", article, matches)
    assert again(4)
