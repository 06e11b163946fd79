"""Articles in rounds of which none has two revisions of one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from builders.articles import an_article
from service.stream.entry import Entry
from service.stream.matcher import ReadEntry, rounds


def read(id_: str, revision: str) -> ReadEntry:
    """An entry with a revision of an article."""
    return ReadEntry(Entry(b"1-0", {}), an_article("x", id=id_, revision=revision))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("123")), max_size=8))
def test_no_round_has_two_revisions_of_one_article(given_: list[tuple[str, str]]) -> None:
    """All articles are in their order, and no round is longer than it has to be."""
    found = [[(one.article.id, one.article.revision) for one in each]
             for each in rounds([read(*one) for one in given_])]  # fmt: skip
    assert [one for each in found for one in each] == given_
    for each in found:
        assert len(dict(each)) == len(set(each))
    for before, after in pairwise(found):
        first = after[0]
        assert any(one[0] == first[0] and one[1] != first[1] for one in before)
