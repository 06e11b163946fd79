"""Tombstones in feeds: they take entries back, and are no articles."""

from __future__ import annotations

import pytest

from builders.feeds import ATOM, told

STONE = '<at:deleted-entry ref="urn:9" when="2026-01-02T00:00:00Z">{}</at:deleted-entry>'
LEFT = "<entry><id>urn:1</id><title>Jets</title></entry>"
BACK = {"id": "Zeitung urn:9", "source": "Zeitung", "status": "deleted"}


@pytest.mark.parametrize(
    ("entries", "taken_back"),
    [
        (STONE.format("<at:comment>Deleted by mistake</at:comment>") + LEFT, BACK),
        (STONE.format(""), BACK),
        (STONE.format("") * 2 + LEFT, BACK),
        (STONE.format("").replace("</at:deleted-entry>", "") + LEFT, BACK),
        ("<at:deleted-entry when='x' ref='urn:9'/>" + LEFT, BACK),
        (STONE.format("<source><title>Gazette</title></source>"), BACK | {"source": "Gazette"}),
        (LEFT + STONE.format("").replace("urn:9", "https://a.example/?a=1&amp;b=2"),
         BACK | {"id": "https://a.example/?a=1&b=2", "url": "https://a.example/?a=1&b=2"}),
    ],
)  # fmt: skip
def test_a_tombstone_takes_its_entry_back(entries: str, taken_back: dict[str, str]) -> None:
    """It is never published as a text, and what stands beside it is read."""
    found = told(ATOM.format(' xmlns:at="http://purl.org/atompub/tombstones/1.0"', entries))
    assert taken_back in found
    assert [one.get("title", "") for one in found if isinstance(one, dict) and one != taken_back] \
        == ["Jets"] * (LEFT in entries)  # fmt: skip


def test_a_tombstone_that_takes_nothing_back() -> None:
    """Where its entry stands in the feed that one counts; one that names none is told."""
    known = LEFT + STONE.format("").replace("urn:9", "urn:1")
    assert [one["title"] for one in told(ATOM.format("", known)) if isinstance(one, dict)] \
        == ["Jets"]  # fmt: skip
    (reason,) = told(ATOM.format("", "<at:deleted-entry when='x'/>"))
    assert "not which" in str(reason)
