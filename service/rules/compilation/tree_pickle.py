"""Queries ↔ bytes, for another process.

Trees are pickled by the parts of their nodes, which takes a third of the time that pickle takes by
itself. A list is pickled as its name: the tree that arrives holds the lists of that process.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
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

Reduced = tuple[Callable[..., Any], tuple[Any, ...]]
"""What pickle stores of an object: a function, and the arguments that make the object again."""


def pickle_queries(value: object) -> bytes:
    """A value that holds queries, as bytes."""
    into = io.BytesIO()
    _QueryPickler(into, pickle.HIGHEST_PROTOCOL).dump(value)
    return into.getvalue()


def unpickle_queries(data: bytes, lists: Mapping[str, Node]) -> Any:
    """The value of `pickle_queries`; its queries name these lists."""
    return _QueryUnpickler(data, lists).load()


def _named_list(name: str) -> Node:
    """In pickled data, the tree of a list; `_QueryUnpickler` replaces it."""
    raise AssertionError(f"the list {name} must be replaced when it is unpickled")


def _reduce_or(node: Or) -> Reduced:
    return (_named_list, (node.name,)) if node.name else (Or, (node.children,))


def _named_any_of(least: int, name: str) -> Node:
    """In pickled data, a count of a list's items; `_QueryUnpickler` replaces it."""
    raise AssertionError(f"any{least}(${name}) must be replaced when it is unpickled")


def _reduce_any_of(node: AnyOf) -> Reduced:
    if node.name:
        return _named_any_of, (node.least, node.name)
    return AnyOf, (node.least, node.children)


def _reduce_fields(kind: type[Any]) -> Callable[[Any], Reduced]:
    names = [field.name for field in fields(kind)]
    parts = attrgetter(*names)
    if len(names) == 1:
        return lambda one: (kind, (parts(one),))
    return lambda one: (kind, parts(one))


class _QueryPickler(pickle.Pickler):
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
    dispatch_table = {kind: _reduce_fields(kind) for kind in kinds} | {
        Or: _reduce_or,
        AnyOf: _reduce_any_of,
    }


class _QueryUnpickler(pickle.Unpickler):
    def __init__(self, data: bytes, lists: Mapping[str, Node]) -> None:
        super().__init__(io.BytesIO(data))
        self._lists = lists

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (_named_list.__module__, _named_list.__name__):
            return self._lists.__getitem__
        if (module, name) == (_named_any_of.__module__, _named_any_of.__name__):
            return self._any_of
        return super().find_class(module, name)

    def _any_of(self, least: int, name: str) -> Node:
        return AnyOf(least, children(self._lists[name]), name)
