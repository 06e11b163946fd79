"""Compiled kernels and the files that keep them: only the first start on a machine has to compile.

The files are next to the source, like Python's own compiled files, or in the user's cache if that
place is not writable. Files from the build of an image (`python -m service.app.kernels`) are used
from a read-only file system, too. If there are none, or they are damaged, a start compiles in
memory, which takes about twenty seconds.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba
from llvmlite import ir
from numba import types
from numba.core.caching import (
    FunctionCache,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

P = ParamSpec("P")
R = TypeVar("R")
_PACKAGE = Path(__file__).parents[1]
_ENGINE_KERNELS = _PACKAGE / "matching" / "engine" / "kernel"
_STORY_KERNELS = _PACKAGE / "alerts" / "stories" / "kernel"
_OTHER_SOURCES = (
    "matching/kernels.py",
    "matching/engine/opcodes.py",
    "matching/evaluation/evidence.py",
    "matching/words/characters.py",
    "matching/words/abbreviations.py",
)
"""Files outside these folders with constants that are compiled into kernels."""


def kernel_sources() -> list[Path]:
    """The files whose content decides what the compiled kernels do."""
    folders = (_ENGINE_KERNELS, _ENGINE_KERNELS / "scores", _STORY_KERNELS)
    found = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    return [*found, *(_PACKAGE / name for name in _OTHER_SOURCES)]


@functools.cache
def source_stamp() -> str:
    """A digest of all kernels: one is compiled into another, which numba does not notice."""
    content = b"".join(path.read_bytes() for path in kernel_sources())
    return hashlib.blake2b(content).hexdigest()[:16]


def mark() -> Path:
    """The file that exists if all kernels were compiled for this Python next to the source."""
    python = "".join(map(str, sys.version_info[:2]))
    name = f"kernels-{source_stamp()}-{numba.__version__}.py{python}"
    return _ENGINE_KERNELS / "__pycache__" / name


class _ChosenFolder(UserProvidedCacheLocator):
    def get_source_stamp(self) -> str:
        return source_stamp()


class _SourceFolder(InTreeCacheLocator):
    def get_source_stamp(self) -> str:
        return source_stamp()

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _SourceFolder | None:
        writable: _SourceFolder | None = super().from_function(py_func, py_file)
        return writable or (cls(py_func, py_file) if mark().exists() else None)


class _UserCache(UserWideCacheLocator):
    def get_source_stamp(self) -> str:
        return source_stamp()


numba.config.CACHE_LOCATOR_CLASSES = ",".join(  # type: ignore[attr-defined]
    f"{__name__}.{locator.__name__}" for locator in (_ChosenFolder, _SourceFolder, _UserCache)
)
# Kernels that an image contains have to run on every machine.
numba.config.CPU_NAME = "generic"  # type: ignore[attr-defined]

log = logging.getLogger(__name__)


def _log_failure(error: Exception) -> None:
    log.warning("kernels.cache_failed", extra={"reason": f"{type(error).__name__}: {error}"})


class _KernelCache(FunctionCache):
    """The files of one kernel. A file that cannot be read or written is logged, not an error."""

    def load_overload(self, *asked: Any) -> Any:
        try:
            return super().load_overload(*asked)
        except Exception as error:  # noqa: BLE001 - pickle raises anything for a damaged file
            log.warning(
                "kernels.cache_failed", extra={"reason": f"{type(error).__name__}: {error}"}
            )
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def save_overload(self, *compiled: Any) -> None:
        try:
            super().save_overload(*compiled)
        except Exception as error:  # noqa: BLE001 - pickle again, or a full disk
            log.warning(
                "kernels.cache_failed", extra={"reason": f"{type(error).__name__}: {error}"}
            )


_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_INNER_OPTIONS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a function that Python calls, and keeps the result in a file if possible."""
    kernel = numba.njit(function, **_OPTIONS)
    # numba raises RuntimeError if no folder is writable; its public option takes no class.
    with contextlib.suppress(RuntimeError):
        kernel._cache = _KernelCache(function)  # noqa: SLF001
    kept: Callable[P, R] = kernel
    return kept


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a function that only kernels call."""
    only: Callable[P, R] = numba.njit(function, **_INNER_OPTIONS, **_OPTIONS)
    return only


@intrinsic
def pointer(_context: Any, array: Any) -> Any:
    """A pointer to an array's entries, for kernels that use many arrays.

    Passing an array changes its reference count, which costs more than a small function does, and
    each index is tested for being negative. The array must be kept as long as the pointer is used:
    Python keeps the arguments of a kernel until it returns.
    """

    def address(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return make_array(signature.args[0])(context, builder, values[0]).data

    return types.CPointer(array.dtype)(array), address


@intrinsic
def prefetch(_context: Any, place: Any, index: Any) -> Any:
    """Makes the processor load the memory at an index of a pointer, which is used soon."""

    def ask(_: Any, builder: Any, __: Any, values: Any) -> Any:
        number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        address = builder.bitcast(builder.gep(values[0], [values[1]]), byte)
        builder.call(function, [address, number(0), number(3), number(1)])  # to read, data

    return types.void(place, index), ask
