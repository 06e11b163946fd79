"""Watchlists' expressions, parsed in chunks and sent between two processes."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.expressions import nodes
from service.matching.query import BoostRule, Query, Suppressor
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import AnyOf, Node, Or, children
from service.rules.compilation.chunks import ChunkParser, ParsedChunk, WatchlistChunks
from service.rules.compilation.drafts import WatchlistDrafts
from service.rules.compilation.expressions import KnownSubscribers, parse_good_watchlist
from service.rules.compilation.lists import ListTrees, parse_good_lists, parse_lists
from service.rules.compilation.watchlist_records import encode_record
from service.rules.schema import ListSpec, WatchlistSpec

SPECS = {
    "air": ListSpec(items=["jet", "cs(JF) OR jf 17"]),
    "acts": ListSpec(items=["str?ke*", "plan", "jet NEAR/2 17"]),
    "all": ListSpec(items=["$air", "$acts", "source:bbc"]),
}


def a_spec(**said: Any) -> WatchlistSpec:
    """A watchlist as it is written in a file."""
    return WatchlistSpec.model_validate({"id": "x", **said})


def sent(queries: list[Query | None], lists: ListTrees) -> list[Query | None]:
    """The queries that arrive in another process."""
    chunk = pickle.loads(pickle.dumps(ParsedChunk(queries, {}, set())))
    return list(chunk.with_lists(lists).queries)


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
    lists = parse_good_lists(SPECS)
    there = parse_good_lists(SPECS)
    queries: list[Query | None] = [
        Query(
            f"w-{number}",
            parse_good_watchlist(a_spec(match=f"plan AND ({unparse(node)})"), there).node,
            "pt-br",
            (Suppressor("not these", unwanted),),
            (BoostRule("when", when, -2.5),),
            40.0,
        )
        for number, node in enumerate(matches)
    ]
    assert sent([None, *queries, None], lists) == [None, *queries, None]


def test_lists_become_those_of_the_place_of_arrival() -> None:
    """The very trees, which are compiled once however many watchlists name them."""
    here, there = parse_good_lists(SPECS), parse_good_lists(SPECS)
    spec = a_spec(match="$air AND (plan OR $all) AND any2(plan, $acts, $air)")
    (query,) = sent([parse_good_watchlist(spec, there)], here)
    assert query is not None
    named = {id(node): node for node in below(query.node) if isinstance(node, Or) and node.name}
    assert {node.name: id(node) for node in named.values()} == {
        name: id(node) for name, node in here.nodes.items()
    }
    counts = a_spec(match="plan AND title:any1($air)")
    (counted,) = sent([parse_good_watchlist(counts, there)], here)
    assert counted is not None
    (any_of,) = (node for node in below(counted.node) if isinstance(node, AnyOf))
    assert any_of.children is children(here.nodes["air"])


WATCHLISTS: list[dict[str, Any]] = [
    {"id": "good", "match": "$air", "notify": ["desk"]},
    {"id": "faulty", "match": "$nowhere"},
    {"id": "off", "match": "jet", "enabled": False},
    {"id": "stranger", "match": "jet", "notify": ["desk", "disk"]},
    {"id": "boosted", "match": "jet", "boost": [{"when": "(", "points": 1}]},
    {"id": "excepted", "match": "jet", "except": {"these": "a AND b OR c"}},
    {"id": "off-and-faulty", "match": "(", "enabled": False},
    {"id": "sound", "match": "jet", "except": {"these": "source:bbc"}},
]
CHUNK = [
    WatchlistSpec.model_validate(one).model_dump_json(by_alias=True).encode() for one in WATCHLISTS
]


@pytest.mark.parametrize(
    ("subscribers", "good"),
    [
        (["desk"], ["good", "stranger", "sound"]),
        (["dusk"], ["sound"]),
        (None, ["good", "stranger", "sound"]),
    ],
)
def test_a_chunk_has_the_queries_of_good_watchlists(
    subscribers: list[str] | None, good: list[str]
) -> None:
    """Not of faulty and disabled ones; any subscriber is accepted when they are not known."""
    lists = parse_good_lists(SPECS)
    chunk = ChunkParser(lists, KnownSubscribers(subscribers))(CHUNK).with_lists(lists)
    assert [query.id for query in chunk.queries if query is not None] == good
    assert len(chunk.queries) == len(CHUNK)


def test_a_chunk_has_the_mistakes_of_its_watchlists() -> None:
    """Each with its path, by the number of the watchlist; those of disabled ones too."""
    lists = parse_good_lists(SPECS)
    chunk = ChunkParser(lists, KnownSubscribers(["desk"]))(CHUNK).with_lists(lists)
    assert {
        WATCHLISTS[number]["id"]: [(one.path, one.mistake.message) for one in mistakes]
        for number, mistakes in chunk.mistakes.items()
    } == {
        "faulty": [(("match",), "there is no list $nowhere")],
        "stranger": [(("notify", 1), "there is no subscriber disk")],
        "boosted": [(("boost", 0, "when"), "this “(” is never closed")],
        "excepted": [(("except", "these"), "AND and OR are mixed without parentheses")],
        "off-and-faulty": [(("match",), "this “(” is never closed")],
    }


def test_a_parser_in_another_process_finds_the_same() -> None:
    """Queries and mistakes, also in watchlists that name a faulty list."""
    lists = parse_lists({**SPECS, "bad": ListSpec(items=["jet AND"])}, ["malformed"]).trees
    texts = [a_spec(match=match) for match in ("$bad", "$malformed", "$air")]
    chunk = [*CHUNK, *(text.model_dump_json(by_alias=True).encode() for text in texts)]
    parser = ChunkParser(lists, KnownSubscribers(["desk"]))
    here = parser(chunk).with_lists(lists)
    result = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(parser))(chunk)))
    there = result.with_lists(lists)
    assert (there.queries, there.mistakes) == (here.queries, here.mistakes)
    assert [here.mistakes[len(CHUNK) + at][0].mistake.message for at in (0, 1)] == [
        "the list $bad has a mistake itself",
        "the list $malformed has a mistake itself",
    ]


def test_chunks_are_all_the_texts_in_order() -> None:
    """The last one may be shorter; and there are none of nothing."""
    drafts = WatchlistDrafts()
    assert len(WatchlistChunks(drafts)) == 0
    for number in range(7):
        drafts.add(f"{number}", encode_record(f"{number}", b'{"id":"%d"}' % number, ()), 0, number)
    for size, lengths in ((3, [3, 3, 1]), (7, [7]), (8, [7]), (1, [1] * 7)):
        chunks = WatchlistChunks(drafts, size)
        assert [len(chunk) for chunk in chunks] == lengths
        assert len(chunks) == len(lengths)
        assert [text for chunk in chunks for text in chunk] == [
            drafts.json_text(number) for number in range(7)
        ]
    with pytest.raises(IndexError):
        WatchlistChunks(drafts, 3)[3]
