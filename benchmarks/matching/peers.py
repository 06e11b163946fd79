"""The engines that ours is measured against.

What they cannot do is done for them before the clock starts: their articles come as lists of
dictionary forms, and their queries hold dictionary forms too, so that all find nearly the same.
docs/benchmarks.md says where they differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from benchmarks.corpus.corpus import Numbers, Tree, leaves
from service.articles.article import Article
from service.matching.words.inflection import lemma
from service.matching.words.text import words


class Tantivy:
    """An index of a batch of articles, made in memory and asked each query in turn."""

    batch = 2_048
    alone = False

    def load(self, trees: Sequence[Tree]) -> None:
        self._api: Any = import_module("tantivy")
        builder = self._api.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
        self._schema = builder.build()
        # A constant score spares it the ranking, which is not asked for: a quarter of its time.
        constant = self._api.Query.const_score_query
        self._queries = [constant(self._query(tree), 1.0) for tree in trees]

    def _query(self, tree: Tree) -> Any:
        of, occur = self._api.Query, self._api.Occur
        match tree:
            case {"op": "term", "v": word}:
                return of.term_query(self._schema, "text", _form(word))
            case {"op": "phrase", "v": list(each)}:
                return of.phrase_query(self._schema, "text", [_form(word) for word in each])
            case {"op": "near", "a": one, "b": other, "k": most}:
                pair = [_form(one), _form(other)]
                both = (
                    of.phrase_query(self._schema, "text", order, slop=most)
                    for order in (pair, pair[::-1])
                )
                return of.boolean_query([(occur.Should, each) for each in both])
            case {"op": "or", "args": list(below)}:
                return of.boolean_query([(occur.Should, self._query(each)) for each in below])
            case {"args": list(below)}:
                return of.boolean_query(
                    [
                        (occur.MustNot, self._query(each["arg"]))
                        if each["op"] == "not"
                        else (occur.Must, self._query(each))
                        for each in below
                    ]
                )
        raise ValueError(tree)

    def prepare(self, article: Article) -> str:
        return " ".join(_forms(article))

    def match(self, prepared: Sequence[str]) -> Numbers:
        index = self._api.Index(self._schema)
        writer = index.writer(heap_size=200_000_000, num_threads=1)
        for text in prepared:
            writer.add_document(self._api.Document(text=text))
        writer.commit()
        index.reload()
        searcher = index.searcher()
        if searcher.num_segments != 1:
            raise RuntimeError("the batch is in several segments, and so in no known order")
        found: list[list[int]] = [[] for _ in prepared]
        for number, asked in enumerate(self._queries):
            for _, address in searcher.search(asked, limit=len(prepared), count=False).hits:
                found[address.doc].append(number)
        return found


class Mokaccino:
    """A percolator: an article's words against stored Boolean queries.

    It knows no order of words: phrases and NEAR are ANDs of their words there, and what it then
    finds is checked against the words' positions.
    """

    batch = 1
    alone = True

    def load(self, trees: Sequence[Tree]) -> None:
        self._api: Any = import_module("mokaccino")
        self._percolator = self._api.Percolator()
        self._positional: dict[int, Tree] = {}
        for number, tree in enumerate(trees):
            if any(leaf["op"] != "term" for leaf in leaves(tree)):
                self._positional[number] = in_forms(tree)
            self._percolator.add_query_id(self._query(tree), number)

    def _query(self, tree: Tree) -> Any:
        of = self._api.Query
        match tree:
            case {"op": "term", "v": word}:
                return of.from_kv("word", _form(word))
            case {"op": "phrase", "v": list(each)}:
                return of.from_and([of.from_kv("word", _form(word)) for word in each])
            case {"op": "near", "a": one, "b": other}:
                return of.from_and([of.from_kv("word", _form(word)) for word in (one, other)])
            case {"op": "not", "arg": {"op": "term"} as below}:
                return of.from_not(self._query(below))
            case {"op": "or", "args": list(below)}:
                return of.from_or([self._query(each) for each in below])
            case {"op": "and", "args": list(below)}:
                return of.from_and([self._query(each) for each in below])
        raise ValueError(tree)

    def prepare(self, article: Article) -> dict[str, list[int]]:
        positions: defaultdict[str, list[int]] = defaultdict(list)
        for at, form in enumerate(_forms(article)):
            positions[form].append(at)
        return dict(positions)

    def match(self, prepared: Sequence[dict[str, list[int]]]) -> Numbers:
        return [self._matching(positions) for positions in prepared]

    def _matching(self, positions: dict[str, list[int]]) -> list[int]:
        document = self._api.Document()
        for form in positions:
            document.add_value("word", form)
        tree = self._positional.get
        return [
            number
            for number in self._percolator.percolate_list(document)
            if (unsure := tree(number)) is None or holds(unsure, positions)
        ]


def holds(tree: Tree, positions: dict[str, list[int]]) -> bool:
    """Whether a tree of dictionary forms holds where they stand at these positions."""
    match tree:
        case {"op": "term", "v": word}:
            return word in positions
        case {"op": "phrase", "v": [first, *rest]}:
            return any(
                all(at + step in positions[word] for step, word in enumerate(rest, 1))
                for at in positions.get(first, ())
            )
        case {"op": "near", "a": one, "b": other, "k": most}:
            return any(
                0 < abs(here - there) <= most + 1
                for here in positions[one]
                for there in positions[other]
            )
        case {"op": "not", "arg": below}:
            return not holds(below, positions)
        case {"op": "or", "args": list(below)}:
            return any(holds(each, positions) for each in below)
        case {"args": list(below)}:
            return all(holds(each, positions) for each in below)
    raise ValueError(tree)


def in_forms(tree: Tree) -> Tree:
    """The tree with each word in its dictionary form."""

    def changed(value: Any) -> Any:
        match value:
            case dict():
                return {
                    key: below if key == "op" else changed(below) for key, below in value.items()
                }
            case list():
                return [changed(below) for below in value]
            case str():
                return _form(value)
        return value

    made: Tree = changed(tree)
    return made


def _form(word: str) -> str:
    return lemma(word, "en")


def _forms(article: Article) -> list[str]:
    return [_form(word) for _, text in article.zones() for word in words(text)]
