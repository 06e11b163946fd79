"""A replay goes by the clock of the stream: hours pass between two entries."""

from __future__ import annotations

import pytest

from builders.articles import an_article
from builders.rules import load
from service.archive.replay import Replay
from service.articles.identity import revision

RULES = load(
    {
        "r.yaml": """
watchlists:
  - {id: busy, match: siren, notify: [desk], throttle: {max: 1, per: 1h}, repeat: article}
  - {id: jets, match: fighter jet, notify: [desk]}
subscribers:
  - {id: desk, webhook: {url: "https://desk.example/hook", secret: "${SECRET}"}}
"""
    },
    lambda _: "whsec_" + "QUJD" * 8,
)
HOUR = 3_600_000
NOON = 1_795_000_000_000


def a_replay() -> Replay:
    """With stories of 72 hours."""
    return Replay(RULES, window=72 * HOUR, similarity=0.38)


def decisions(replay: Replay, hours: float, id_: str, text: str) -> list[str]:
    """What becomes of an article that is added so many hours after noon."""
    article = an_article(text, id=id_, revision=revision(text), source=id_)
    matches = RULES.engine.match(article, max_evidence=1)
    decided = replay.decide(f"{NOON + round(hours * HOUR)}-0", article, matches).decided
    return [type(each.decision).__name__ for each in decided.outcomes]


def test_a_throttle_lets_go_when_its_span_is_over() -> None:
    """A correction of what it held is told then; before, it waits with the rest."""
    replay = a_replay()
    assert decisions(replay, 0, "a", "A siren was heard in Gilgit at noon.") == ["Created"]
    assert decisions(replay, 0.2, "b", "A siren was heard in Skardu at one.") == ["Held"]
    assert decisions(replay, 0.9, "b", "A siren was heard in Skardu at two.") == ["Held"]
    assert decisions(replay, 1.1, "b", "A siren was heard in Skardu at three.") == ["Updated"]
    assert decisions(replay, 1.2, "c", "A siren was heard in Padang at four.") == ["Created"]
    assert decisions(replay, 1.3, "d", "A siren was heard in Oslo at five.") == ["Held"]


def test_a_story_ends_with_its_window() -> None:
    """A copy within it is counted; one that comes later is news."""
    text = "A fighter jet landed in Ankara, where ministers of four countries had met engineers."
    replay = a_replay()
    assert decisions(replay, 0, "a", text) == ["Created"]
    assert decisions(replay, 71, "b", text) == ["Counted"]
    assert decisions(replay, 73, "c", text) == ["Created"]


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
