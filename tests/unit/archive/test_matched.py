"""What is known of kept articles before they are decided, made here or in another process."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders.archive import an_archive
from builders.articles import an_article
from builders.rules import load
from service.archive.kept.match_processes import MatchProcesses
from service.archive.kept.matched import MatchedSegment
from service.errors import TocsinError

RULES = """
lists: {vessels: [ship, ferry]}
watchlists:
  - {id: ports, match: $vessels AND port, notify: [desk]}
  - {id: jets, match: jet AND NOT source:bbc, threshold: 70, notify: [desk]}
subscribers: [{id: desk, relay: "json://desk.example"}]
"""
ARTICLES = [
    an_article("A ship left the port.", id="1", title="Ship"),
    an_article("Nothing of this is asked for.", id="2", title="Rain"),
    an_article("Ein jet flog.", id="3", title="Wetter", language="de"),
    an_article("The jet flew. A ferry came to port.", id="4", title="Jet"),
]


def facts_of(segment: MatchedSegment) -> tuple[object, ...]:
    """A segment in values that can be compared."""
    return *segment[:2], segment.places.tolist(), *segment[3:]


def test_another_process_finds_the_same_in_the_same_order(tmp_path: Path) -> None:
    """For several sets; a file that is damaged is named, as it is here."""
    an_archive(tmp_path, ARTICLES, 1)
    an_archive(tmp_path, ARTICLES[2:], 9)
    *files, damaged = an_archive(tmp_path, ARTICLES, 20)
    damaged.path.write_bytes(damaged.path.read_bytes()[:-200])
    sets = [load({"r.yaml": RULES}, None), load({"r.yaml": RULES.replace("port,", "rain,")}, None)]
    with MatchProcesses(sets, 60_001, 1) as there, MatchProcesses(sets, 60_001, 0) as here:
        own = [*map(facts_of, here.matched(files))]
        other = there.matched([*files, damaged])
        assert [facts_of(next(other)) for _ in files] == own
        with pytest.raises(TocsinError, match="are damaged"):
            next(other)
    first, second = here.matched(files)
    assert [first.digests, second.digests] == [
        [each.identity.digest for each in ARTICLES],
        [each.identity.digest for each in ARTICLES[2:]],
    ]
    matched = [[one.matches for one in found.values()] for found in first.found]
    assert [[[m.query_id for m in each] for each in some] for some in matched] == [
        [["ports"], [], ["ports", "jets"]],
        [[], ["jets"]],
    ]
    assert first.coverage.languages == {"en": 2, "de": 1}
