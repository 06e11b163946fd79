"""The faults that `make mutants` puts in: where, and what stands there then."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from mutants.choice import files, mutants_of
from mutants.lua_source import lua_mutants
from mutants.python_source import python_mutants
from mutants.tables import scope

ROOT = Path(__file__).parents[3]


def python(source: str) -> set[str]:
    """The source with each fault."""
    content = source.encode()
    return {each.applied(content).decode() for each in python_mutants("x.py", content)}


def lua(source: str) -> set[str]:
    """The same of a script."""
    content = source.encode()
    return {each.applied(content).decode() for each in lua_mutants("x.lua", content)}


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("é = a < b", "é = a <= b"),
        ("x = a not in b", "x = a in b"),
        ("x = (a) == (b)", "x = (a) != (b)"),
        ("x = a is  not None", "x = a is None"),
        ("x = 0 <= a < b", "x = 0 <= a <= b"),
        ("x = a and b", "x = a or b"),
        ("x = a and b or c", "x = ((a and b))"),
        ("x = not (a or b)", "x = (a or b)"),
        ("x = a + b", "x = a - b"),
        ("def f():\n    x += 1", "def f():\n    x -= 1"),
        ("def f():\n    x += 1", "def f():\n    pass"),
        ("x = y[1:]", "x = y[2:]"),
        ("x = y[0]", "x = y[(-1)]"),
        ("x = True", "x = False"),
        ("x = 0.5", "x = 1.0"),
        ("x = min(a, b)", "x = max(a, b)"),
        ("x = y.strip()", "x = y.lstrip()"),
        ("x = y.strip()", "x = y"),
        ("x = escape(y, False)", "x = (y)"),
        ("f(a, ex=60, nx=True)", "f(a,  nx=True)"),
        ("f(a)", "pass"),
        ("await f(a)", "pass"),
        ("x = a if b else c", "x = (c)"),
        ("x = [a for a in b if a]", "x = [a for a in b if True]"),
        ("if a:\n    raise E", "if False:\n    raise E"),
        ("for a in b:\n    continue", "for a in b:\n    pass"),
        ("def f() -> bool:\n    return a", "def f() -> bool:\n    return True"),
        ("def f() -> list[int]:\n    return a", "def f() -> list[int]:\n    return []"),
        ("def f() -> A | None:\n    return a", "def f() -> A | None:\n    return None"),
        ("def f(a):\n    a = g(a)", "def f(a):\n    pass"),
        ("def f(a):\n    a.b = 1", "def f(a):\n    pass"),
        ("X = ('a', 'b', 'c')", "X = ('a',  'c')"),
    ],
)
def test_a_fault_in_python(source: str, fault: str) -> None:
    """Each kind, at its place in the text and nowhere else."""
    assert fault in python(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(a: Literal[1]) -> Literal[1]: ...",
        "x: tuple[int, ...] | None",
        "X = int | None",
        "X = Literal['a', 'b', 'c']",
        "log.info('an.event')",
        '"""A text with 1 < 2 and a + b."""',
        "@cache(1)\ndef f(): ...",
        "x = zip(a, b, strict=True)",
    ],
)
def test_what_decides_nothing_is_left_alone(source: str) -> None:
    """Annotations, decorators, logs and texts."""
    assert python(source) == set()


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("if a < b then f() end", "if a <= b then f() end"),
        ("if a < b then f() end", "if false then f() end"),
        ("if a then f() end", "if a then do end end"),
        ("local x = a ~= b", "local x = a == b"),
        ("local x = not a", "local x =  a"),
        ("local x = a and b or c", "local x = a or b or c"),
        ("local x = tonumber(y)", "local x = (y)"),
        ("local x = math.max(a, b)", "local x = math.min(a, b)"),
        ("-- é 1\nlocal x = f[1]", "-- é 1\nlocal x = f[2]"),
        ("local x = -1", "local x = -0"),
        ("redis.call('PEXPIRE', key, keep)", "do end"),
        ("a()\nredis.call('DEL', key)\nlocal x", "a()\ndo end\nlocal x"),
        ("x = x + 1 -- why\nlocal y", "do end -- why\nlocal y"),
        ("x[i] = y(1)\nf(x)", "do end\nf(x)"),
        ("redis.call('ZADD', k, 'LT', s)", "redis.call('ZADD', k, 'GT', s)"),
        ("local function f()\n  return a.b\nend", "local function f()\n  return nil\nend"),
    ],
)
def test_a_fault_in_lua(source: str, fault: str) -> None:
    """Also beside comments, and where a statement ends without a mark."""
    assert fault in lua(source)


def test_comments_and_texts_of_scripts_are_left_alone() -> None:
    """What is no code has no fault."""
    assert lua("-- a < b and 1\nlocal x = 'a < b and 1'") == set()


def test_each_fault_is_python() -> None:
    """One that Python cannot read would be seen by every test, and tell nothing."""
    chance = random.Random(1)
    paths = [path for path in files([], scope(), ROOT) if path.endswith(".py")]
    for path in chance.sample(paths, 25):
        source = (ROOT / path).read_bytes()
        mutants = mutants_of(path, ROOT)
        for mutant in chance.sample(mutants, min(5, len(mutants))):
            ast.parse(mutant.applied(source))
