"""What numba is asked for: to compile kernels, and to keep them in files.

It takes 0.3 s to load, so nobody but `kernels` imports this, when the first kernel is called.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

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
from numba.core.registry import cpu_target
from numba.cpython.unsafe.numbers import trailing_zeros
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from service.matching import kernel_files
from service.matching.kernel_files import mark

__all__ = ["dispatcher", "pointer", "prefetch", "trailing_zeros", "type_of"]


class _ChosenFolder(UserProvidedCacheLocator):
    def get_source_stamp(self) -> str:
        return kernel_files.source_stamp()


class _SourceFolder(InTreeCacheLocator):
    def get_source_stamp(self) -> str:
        return kernel_files.source_stamp()

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _SourceFolder | None:
        writable: _SourceFolder | None = super().from_function(py_func, py_file)
        return writable or (cls(py_func, py_file) if mark().exists() else None)


class _UserCache(UserWideCacheLocator):
    def get_source_stamp(self) -> str:
        return kernel_files.source_stamp()


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


def dispatcher(function: Callable[..., Any], *, only_inner: bool) -> Any:
    """What compiles the function when it is called, and keeps the result in a file if possible."""
    if only_inner:
        return numba.njit(function, **_INNER_OPTIONS, **_OPTIONS)
    kernel = numba.njit(function, **_OPTIONS)
    # numba raises RuntimeError if no folder is writable; its public option takes no class.
    with contextlib.suppress(RuntimeError):
        kernel._cache = _KernelCache(function)  # noqa: SLF001
    return kernel


def type_of(made: Any) -> Any:
    """The type that numba gives a dispatcher or an intrinsic."""
    context = cpu_target.typing_context
    context.refresh()
    return context.resolve_value_type(made)


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
