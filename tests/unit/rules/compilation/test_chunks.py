"""Watchlists' expressions on their way between two processes."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.expressions import nodes
from service.matching.query import BoostRule, Query, Suppressor
from service.matching.syntax.tree import AnyOf, Node, Or, children, unparse
from service.rules.compilation.chunks import Chunks, Reader, Readings
from service.rules.compilation.expressions import Lists
from service.rules.compilation.records import Drafts, raw
from service.rules.schema import ListSpec, WatchlistSpec

SPECS = {
    "air": ListSpec(items=["jet", "cs(JF) OR jf 17"]),
    "acts": ListSpec(items=["str?ke*", "plan", "jet NEAR/2 17"]),
    "all": ListSpec(items=["$air", "$acts", "source:bbc"]),
}


def a_spec(**said: Any) -> WatchlistSpec:
    """A watchlist as it stands in a file."""
    return WatchlistSpec.model_validate({"id": "x", **said})


def sent(made: Readings, lists: Lists) -> list[Query | None]:
    """What another process gets of it."""
    return list(pickle.loads(pickle.dumps(made)).queries(lists))


def below(node: Node) -> Iterator[Node]:
    """A tree's nodes, but not those of the lists that it names."""
    yield node
    if not (isinstance(node, Or) and node.name):
        for child in children(node):
            yield from below(child)


@settings(max_examples=150)
@given(st.lists(nodes(4), max_size=3), nodes(), nodes())
def test_queries_arrive_as_they_were(matches: list[Node], unwanted: Node, when: Node) -> None:
    """Over the whole grammar, with all that a query may hold, and gaps between them."""
    lists = Lists.sound(SPECS)
    there = Lists.sound(SPECS)
    queries: list[Query | None] = [
        Query(
            f"w-{number}",
            there.sound_query(a_spec(match=f"plan AND ({unparse(node)})")).node,
            "pt-br",
            (Suppressor("not these", unwanted),),
            (BoostRule("when", when, -2.5),),
            40.0,
        )
        for number, node in enumerate(matches)
    ]
    assert sent(Readings([None, *queries, None]), lists) == [None, *queries, None]


def test_lists_become_those_of_the_place_of_arrival() -> None:
    """The very trees, which are compiled once however many watchlists name them."""
    here, there = Lists.sound(SPECS), Lists.sound(SPECS)
    spec = a_spec(match="$air AND (plan OR $all) AND any2(plan, $acts, $air)")
    (query,) = sent(Readings([there.sound_query(spec)]), here)
    assert query is not None
    named = {id(node): node for node in below(query.node) if isinstance(node, Or) and node.name}
    assert {node.name: id(node) for node in named.values()} == {
        name: id(node) for name, node in here.nodes.items()
    }
    (counted,) = sent(
        Readings([there.sound_query(a_spec(match="plan AND title:any1($air)"))]), here
    )
    assert counted is not None
    (any_of,) = (node for node in below(counted.node) if isinstance(node, AnyOf))
    assert any_of.children is children(here.nodes["air"])


def test_a_reader_reads_the_same_wherever_it_is() -> None:
    """What is faulty, disabled, or notifies strangers is left to be told."""
    texts: list[dict[str, Any]] = [
        {"id": "good", "match": "$air", "notify": ["desk"]},
        {"id": "faulty", "match": "$nowhere"},
        {"id": "off", "match": "jet", "enabled": False},
        {"id": "stranger", "match": "jet", "notify": ["desk", "disk"]},
        {"id": "boosted", "match": "jet", "boost": [{"when": "(", "points": 1}]},
        {"id": "excepted", "match": "jet", "except": {"these": "a AND b OR c"}},
        {"id": "sound", "match": "jet", "except": {"these": "source:bbc"}},
    ]
    chunk = [a_spec(**text).model_dump_json(by_alias=True).encode() for text in texts]
    lists = Lists.sound(SPECS)
    for names, good in (
        (["desk"], ["good", "sound"]),
        (None, ["good", "stranger", "sound"]),
    ):
        reader = Reader(lists, names)
        found = reader(chunk).queries(lists)
        assert [query.id for query in found if query is not None] == good
        assert list(pickle.loads(pickle.dumps(reader))(chunk).queries(lists)) == list(found)


def test_chunks_are_all_the_texts_in_order() -> None:
    """The last one may be shorter; and there are none of nothing."""
    drafts = Drafts()
    assert len(Chunks(drafts)) == 0
    for number in range(7):
        drafts.add(f"{number}", raw(f"{number}", b'{"id":"%d"}' % number, ()), 0, number)
    for size, lengths in ((3, [3, 3, 1]), (7, [7]), (8, [7]), (1, [1] * 7)):
        chunks = Chunks(drafts, size)
        assert [len(chunk) for chunk in chunks] == lengths
        assert len(chunks) == len(lengths)
        assert [text for chunk in chunks for text in chunk] == [
            drafts.text(number) for number in range(7)
        ]
    with pytest.raises(IndexError):
        Chunks(drafts, 3)[3]
