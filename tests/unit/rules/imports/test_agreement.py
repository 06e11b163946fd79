"""What a search of another system finds, its watchlist finds, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.articles import an_article, judged
from oracles.foreign_searches import (
    NOTATIONS,
    WITH_NEARNESS,
    WORDS,
    Notation,
    Tree,
    holds,
    searches,
)
from service.rules.imports.watchlists import imported

texts = st.lists(st.sampled_from((*WORDS, "said", "of")), min_size=1, max_size=12)


@pytest.mark.parametrize("system", NOTATIONS)
@given(data=st.data())
def test_the_watchlist_finds_what_the_search_finds(system: str, data: st.DataObject) -> None:
    """Read by an independent reading: by the tree that the search was written from."""
    tree = data.draw(searches(near=system in WITH_NEARNESS), label="tree")
    written = written_in(NOTATIONS[system], tree)
    (found,) = imported(system, written.encode())
    assert not found.refused, (written, found.refused)
    assert not found.notes
    for _ in range(3):
        words = data.draw(texts, label="words")
        body = an_article(" ".join(words))
        assert judged(found.match, body).result.holds == holds(tree, words), (
            written,
            found.match,
        )


def written_in(notation: Notation, tree: Tree) -> str:
    """The search; Google's minus stands right before what it excludes."""
    return " ".join(notation.written(tree).split()).replace("- ", "-")
