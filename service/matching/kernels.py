"""Where compiled kernels are kept, so that only the first start on a machine has to compile.

They lie beside the source, as Python's own do, or in the user's cache where that place cannot be
written. What an image was built with (`python -m service.app.kernels`) is used from a read-only
file system too. Where there is neither, or what is kept is damaged, a start compiles in memory,
which takes some ten seconds.
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
_OTHER_SOURCES = (
    "matching/kernels.py",
    "matching/engine/opcodes.py",
    "matching/words/characters.py",
    "matching/words/abbreviations.py",
    "alerts/stories/minhash.py",
)
"""Files outside the engine's folder: with kernels, or with constants compiled into kernels."""


def kernel_sources() -> list[Path]:
    """The files whose content decides what the compiled kernels do."""
    return [*sorted(_ENGINE_KERNELS.glob("*.py")), *(_PACKAGE / name for name in _OTHER_SOURCES)]


@functools.cache
def source_stamp() -> str:
    """A digest of all kernels: one is compiled into another, which numba does not notice."""
    content = b"".join(path.read_bytes() for path in kernel_sources())
    return hashlib.blake2b(content).hexdigest()[:16]


def mark() -> Path:
    """The file that tells that all kernels were compiled for this Python beside their source."""
    python = "".join(map(str, sys.version_info[:2]))
    name = f"kernels-{source_stamp()}-{numba.__version__}.py{python}"
    return _ENGINE_KERNELS / "__pycache__" / name


class _Chosen(UserProvidedCacheLocator):
    def get_source_stamp(self) -> str:
        return source_stamp()


class _Beside(InTreeCacheLocator):
    def get_source_stamp(self) -> str:
        return source_stamp()

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Beside | None:
        writable: _Beside | None = super().from_function(py_func, py_file)
        return writable or (cls(py_func, py_file) if mark().exists() else None)


class _Home(UserWideCacheLocator):
    def get_source_stamp(self) -> str:
        return source_stamp()


numba.config.CACHE_LOCATOR_CLASSES = ",".join(  # type: ignore[attr-defined]
    f"{__name__}.{locator.__name__}" for locator in (_Chosen, _Beside, _Home)
)
# What an image was built with has to fit every machine that it runs on.
numba.config.CPU_NAME = "generic"  # type: ignore[attr-defined]

log = logging.getLogger(__name__)


class _Kept(FunctionCache):
    """What is kept of a kernel, as far as it can be read, and where there is room for it."""

    def load_overload(self, *asked: Any) -> Any:
        try:
            return super().load_overload(*asked)
        except Exception as error:  # noqa: BLE001 - whatever a damaged file brings out in pickle
            log.warning("kernels.not_kept", extra={"reason": f"{type(error).__name__}: {error}"})
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def save_overload(self, *compiled: Any) -> None:
        try:
            super().save_overload(*compiled)
        except Exception as error:  # noqa: BLE001 - as above; or there is no room
            log.warning("kernels.not_kept", extra={"reason": f"{type(error).__name__}: {error}"})


_HOW: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_INSIDE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a function that Python calls, and keeps the result where there is a place."""
    kernel = numba.njit(function, **_HOW)
    # numba's word for nowhere to keep it is RuntimeError; its own way to set this takes no class.
    with contextlib.suppress(RuntimeError):
        kernel._cache = _Kept(function)  # noqa: SLF001
    kept: Callable[P, R] = kernel
    return kept


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compiles a function that only kernels call."""
    only: Callable[P, R] = numba.njit(function, **_INSIDE, **_HOW)
    return only


@intrinsic
def pointer(_context: Any, array: Any) -> Any:
    """Where an array's entries begin, for kernels that go through many arrays.

    An array that is handed on counts its references up and down, which costs more than the work of
    a small function, and each of its indexes is looked at for being negative. Whoever takes a
    pointer keeps the array: those of the caller's arguments are kept by the caller.
    """

    def address(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return make_array(signature.args[0])(context, builder, values[0]).data

    return types.CPointer(array.dtype)(array), address


@intrinsic
def prefetch(_context: Any, place: Any, index: Any) -> Any:
    """Asks for the memory at an index from a pointer, to be at hand a little later."""

    def ask(_: Any, builder: Any, __: Any, values: Any) -> Any:
        number, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        address = builder.bitcast(builder.gep(values[0], [values[1]]), byte)
        builder.call(function, [address, number(0), number(3), number(1)])  # to read, data

    return types.void(place, index), ask
