"""Watchlists' expressions, read a thousand at a time; what was read can go to another process.

Trees are pickled by the parts of their nodes, which takes a third of the time that pickle takes
by itself. A list goes by its name alone: where it arrives, the tree is that of the lists there.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from service.matching.query import BoostRule, Query, Suppressor
from service.matching.syntax.tree import (
    And,
    AnyOf,
    AtLeast,
    Joint,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Term,
    Within,
    children,
)
from service.rules.compilation.expressions import Lists, Mistake
from service.rules.compilation.records import Drafts
from service.rules.schema import ListSpec, WatchlistSpec

CHUNK = 1_000
"""Watchlists that are read at a time: some 60 ms."""


class Chunks(Sequence[Sequence[bytes]]):
    """The texts of watchlists, so many at a time, each chunk made when it is asked for."""

    def __init__(self, drafts: Drafts, size: int = CHUNK) -> None:
        self._drafts = drafts
        self._size = size

    def __len__(self) -> int:
        return (len(self._drafts) + self._size - 1) // self._size

    def __getitem__(self, number: Any) -> Any:
        begin = number * self._size
        end = min(begin + self._size, len(self._drafts))
        if not 0 <= begin < end:
            raise IndexError(number)
        return [self._drafts.text(at) for at in range(begin, end)]


class Readings:
    """What the watchlists of a chunk look for; None where one is faulty or disabled."""

    def __init__(self, queries: Sequence[Query | None]) -> None:
        self._queries = queries

    def queries(self, _: Lists) -> Sequence[Query | None]:
        """The queries, and with them the lists that they name."""
        return self._queries

    def __reduce__(self) -> tuple[type[Sent], tuple[bytes]]:
        into = io.BytesIO()
        _Pickler(into, pickle.HIGHEST_PROTOCOL).dump(self._queries)
        return Sent, (into.getvalue(),)


class Sent:
    """Readings that came from another process."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def queries(self, lists: Lists) -> Sequence[Query | None]:
        """As `Readings.queries`, but naming these lists."""
        found: Sequence[Query | None] = _Unpickler(self._data, lists.nodes).load()
        return found


class Reader:
    """Reads chunks; what is wrong with a faulty watchlist is for others to tell."""

    def __init__(self, lists: Lists, names: Collection[str] | None) -> None:
        """`names`: whom watchlists may notify, None where that is not known."""
        self._lists = lists
        self._names = None if names is None else frozenset(names)

    def __call__(self, chunk: Sequence[bytes]) -> Readings | Sent:
        """What the watchlists of these texts look for."""
        return Readings([self._query(WatchlistSpec.model_validate_json(text)) for text in chunk])

    def _query(self, spec: WatchlistSpec) -> Query | None:
        if not spec.enabled or (
            self._names is not None and not self._names.issuperset(spec.notify)
        ):
            return None
        mistakes: list[Mistake] = []
        query = self._lists.query(spec, lambda _, mistake: mistakes.append(mistake))
        return None if mistakes else query

    def __reduce__(self) -> tuple[Callable[..., Reader], tuple[Any, ...]]:
        return _reader, (self._lists.specs, self._names)


def _reader(specs: Mapping[str, ListSpec], names: Collection[str] | None) -> Reader:
    return Reader(Lists(specs, (), _untold), names)


def _untold(name: str, number: int, mistake: Mistake) -> None:
    """Where the lists come from, it was told."""


def _list(name: str) -> Node:
    """Stands for a list; `_Unpickler` puts its tree there."""
    raise AssertionError(f"the list {name} is to be found where it arrives")


def _or(node: Or) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    return (_list, (node.name,)) if node.name else (Or, (node.children,))


def _items(least: int, name: str) -> Node:
    """Stands for a count of a list's items; `_Unpickler` puts those there."""
    raise AssertionError(f"any{least}(${name}) is to be made where it arrives")


def _any_of(node: AnyOf) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    if node.name:
        return _items, (node.least, node.name)
    return AnyOf, (node.least, node.children)


def _by_parts(kind: type[Any]) -> Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]:
    names = [field.name for field in fields(kind)]
    parts = attrgetter(*names)
    if len(names) == 1:
        return lambda one: (kind, (parts(one),))
    return lambda one: (kind, parts(one))


class _Pickler(pickle.Pickler):
    kinds = (
        Query,
        Suppressor,
        BoostRule,
        Term,
        And,
        Not,
        Within,
        Meta,
        Near,
        Joint,
        AtLeast,
    )
    dispatch_table = {kind: _by_parts(kind) for kind in kinds} | {Or: _or, AnyOf: _any_of}


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, lists: Mapping[str, Node]) -> None:
        super().__init__(io.BytesIO(data))
        self._lists = lists

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (_list.__module__, _list.__name__):
            return self._lists.__getitem__
        if (module, name) == (_items.__module__, _items.__name__):
            return self._items
        return super().find_class(module, name)

    def _items(self, least: int, name: str) -> Node:
        return AnyOf(least, children(self._lists[name]), name)
