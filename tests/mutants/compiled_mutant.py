"""Mutants of what numba compiles: they are compiled in memory, and only what they are part of.

A kernel's file in the cache says of which source files it was made, all together. So a mutant in
one of them would have all kernels compiled, half a minute each time, and the results kept.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class KernelMutant:
    """What a child has to know of a mutant in a source of kernels."""

    stamp: str
    """Of the sources without the mutant."""
    modules: list[str]
    """The modules whose kernels contain the mutant."""


def compile_only(mutant: KernelMutant) -> None:
    """Has kernels of other modules loaded as they were kept, and these compiled and not kept."""
    from service.matching import compiler, kernel_files

    cache: Any = compiler._KernelCache
    load, save = cache.load_overload, cache.save_overload

    def is_touched(kept: Any) -> bool:
        return kept._py_func.__module__ in mutant.modules

    def load_untouched(kept: Any, *asked: Any) -> Any:
        return None if is_touched(kept) else load(kept, *asked)

    def save_untouched(kept: Any, *compiled: Any) -> None:
        if not is_touched(kept):
            save(kept, *compiled)

    stamp: Any = lambda: mutant.stamp  # noqa: E731
    kernel_files.source_stamp = stamp
    cache.load_overload, cache.save_overload = load_untouched, save_untouched


def modules_with(path: str, sources: list[Path], root: Path) -> list[str]:
    """The modules of kernels that a source is part of: itself, and those that import it."""
    names = {_name(each, root): each for each in sources}
    imported = {name: _imported(each) & set(names) for name, each in names.items()}
    found = {_name(root / path, root)}
    while True:
        more = {name for name, used in imported.items() if used & found} - found
        if not more:
            return sorted(found)
        found |= more


def _name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def _imported(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
