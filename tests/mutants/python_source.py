"""The mutants of a Python file. It is parsed, and rewritten where its text stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from mutants.mutant import Mutant
from mutants.tables import rewrites

_TABLE = rewrites("python")
_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip
_EMPTY = {
    "bool": ["True", "False"], "int": ["0", "1"], "float": ["0.0"], "str": ['""'], "bytes": ['b""'],
    "list": ["[]"], "tuple": ["()"], "dict": ["{}"], "set": ["set()"], "frozenset": ["frozenset()"],
}  # fmt: skip
"""What a function may return whatever it is asked, by the first word of its annotation."""

_Rewrite = tuple[ast.AST | tuple[int, int], str, str]
"""Where, what instead, and the kind."""


def python_mutants(path: str, source: bytes) -> list[Mutant]:
    """All of them, in the order of the file."""
    return sorted(set(_Source(path, source).mutants()))


class _Source:
    def __init__(self, path: str, source: bytes) -> None:
        self._path = path
        self._source = source
        self._starts = [0, *(found.end() for found in re.finditer(b"\n", source))]

    def mutants(self) -> Iterator[Mutant]:
        yield from self._within(ast.parse(self._source), "", None)

    def _within(self, node: ast.AST, place: str, result: ast.expr | None) -> Iterator[Mutant]:
        match node:
            case (
                ast.FunctionDef(name=name, returns=result)
                | ast.AsyncFunctionDef(name=name, returns=result)
            ):
                place = f"{place}.{name}".lstrip(".")
            case ast.ClassDef(name=name):
                place = f"{place}.{name}".lstrip(".")
        for where, text, kind in self._rewrites(node, place, result):
            start, end = where if isinstance(where, tuple) else self._span(where)
            if self._source[start:end].decode() != text:
                yield Mutant(self._path, start, end, text, kind, place)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _decides_nothing(node, child):
                    yield from self._within(child, place, result)

    def _rewrites(self, node: ast.AST, place: str, result: ast.expr | None) -> Iterator[_Rewrite]:
        yield from self._operators(node, place)
        yield from _conditions(node, self._text)
        yield from self._statements(node, place)
        match node:
            case ast.Constant():
                yield from _other_constants(node)
            case ast.Call():
                yield from self._other_calls(node)
            case ast.Return(value=ast.expr() as value) if result is not None:
                word = re.split(r"\W", ast.unparse(result))[0]
                optional = ["None"] if "None" in ast.unparse(result) else []
                for text in [*_EMPTY.get(word, []), *optional]:
                    yield value, text, "returned constant"

    def _operators(self, node: ast.AST, place: str) -> Iterator[_Rewrite]:
        match node:
            case ast.Compare():
                sides = [node.left, *node.comparators]
                for (one, other), operator in zip(pairwise(sides), node.ops, strict=True):
                    yield from self._swapped("comparison", operator, one, other)
            case ast.BinOp(op=ast.BitOr()) if not place:
                pass  # a union of types
            case ast.BinOp():
                yield from self._swapped("arithmetic", node.op, node.left, node.right)
            case ast.AugAssign():
                yield from self._swapped("arithmetic", node.op, node.target, node.value)
            case ast.BoolOp():
                for one, other in pairwise(node.values):
                    yield from self._swapped("boolean", node.op, one, other)
                for at in range(len(node.values)):
                    yield node, self._without(node, at), "dropped operand"
            case ast.UnaryOp(op=ast.Not()):
                yield node, f"({self._text(node.operand)})", "dropped not"

    def _statements(self, node: ast.AST, place: str) -> Iterator[_Rewrite]:
        match node:
            case ast.AugAssign() | ast.Continue() | ast.Break() | ast.Raise():
                yield node, "pass", "dropped statement"
            case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()):
                if not self._text(node).startswith(tuple(_TABLE["kept_calls"])):
                    yield node, "pass", "dropped statement"
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) if place:
                yield node, "pass", "dropped statement"
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if place:
                used = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
                if name in used:  # else the name would be missing
                    yield node, "pass", "dropped statement"
            case ast.Set(elts=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts) if not place:
                yield from self._shorter(parts)

    def _swapped(
        self, kind: str, operator: ast.AST, one: ast.AST, other: ast.AST
    ) -> Iterator[_Rewrite]:
        symbol = _SYMBOLS.get(type(operator), "")
        low, high = self._span(one)[1], self._span(other)[0]
        pattern = re.escape(symbol).replace(r"\ ", r"\s+")
        found = re.search(pattern.encode(), self._source[low:high]) if symbol else None
        if found:
            for text in _TABLE[kind].get(symbol, []):
                yield (low + found.start(), low + found.end()), text, kind

    def _without(self, node: ast.BoolOp, left_out: int) -> str:
        kept = [f"({self._text(each)})" for at, each in enumerate(node.values) if at != left_out]
        return "(" + f" {_SYMBOLS[type(node.op)]} ".join(kept) + ")"

    def _other_calls(self, node: ast.Call) -> Iterator[_Rewrite]:
        called = node.func
        if not isinstance(called, ast.Name | ast.Attribute):
            return
        name = called.id if isinstance(called, ast.Name) else called.attr
        end = self._span(called)[1]
        for text in _TABLE["name"].get(name, []):
            yield (end - len(name.encode()), end), text, "name"
        if name in _TABLE["unwrapped"] and node.args and not isinstance(node.args[0], ast.Starred):
            text = self._text(node.args[0])
            yield node, f"({text})", "dropped call"
        if isinstance(called, ast.Attribute) and name in _TABLE["removed_method"]:
            yield node, self._text(called.value), "dropped call"
        for keyword in node.keywords:
            if keyword.arg in _TABLE["removed_argument"]:
                start, end = self._span(keyword)
                comma = re.compile(rb"\s*,").match(self._source, end)
                yield (start, comma.end() if comma else end), "", "dropped argument"

    def _shorter(self, parts: Sequence[ast.expr]) -> Iterator[_Rewrite]:
        if len(parts) < 3 or not all(isinstance(part, ast.Constant) for part in parts):
            return
        for part in parts:
            start, end = self._span(part)
            comma = re.compile(rb"\s*,").match(self._source, end)
            if comma:
                yield (start, comma.end()), "", "dropped element"

    def _span(self, node: ast.AST) -> tuple[int, int]:
        start = self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        return start, end

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._source[start:end].decode()


def _decides_nothing(within: ast.AST, node: ast.AST) -> bool:
    """Whether it is a type, or what `zip` checks of lengths that are always the same."""
    match within, node:
        case ast.Call(func=ast.Name(id="zip")), ast.keyword(arg="strict"):
            return True
    match node:
        case ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.Call(func=ast.Name(id="TypeVar" | "cast" | "NewType")):
            return True
    return False


def _conditions(node: ast.AST, text: Callable[[ast.AST], str]) -> Iterator[_Rewrite]:
    match node:
        case ast.IfExp():
            yield node, f"({text(node.body)})", "condition"
            yield node, f"({text(node.orelse)})", "condition"
        case ast.comprehension():
            for test in node.ifs:
                yield test, "True", "condition"
        case ast.If(body=[ast.Return() | ast.Raise() | ast.Continue() | ast.Break()], orelse=[]):
            yield node.test, "False", "dropped guard"


def _other_constants(node: ast.Constant) -> Iterator[_Rewrite]:
    value = node.value
    if isinstance(value, bool):
        yield node, str(not value), "boolean"
    elif isinstance(value, int):
        yield node, str(value + 1), "constant"
        yield node, f"({value - 1})" if value < 1 else str(value - 1), "constant"
    elif isinstance(value, float):
        yield node, repr(value * 2 if value else 1.0), "constant"
