"""Compiled kernels and the files that keep them: only the first start on a machine has to compile.

The files are next to the source, like Python's own compiled files, or in the user's cache if that
place is not writable. Files from the build of an image (`python -m service.app.kernels`) are used
from a read-only file system, too. If there are none, or they are damaged, a start compiles in
memory, which takes about twenty seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Kernel(Generic[P, R]):
    """What numba makes of a function; it is loaded when the first is called, as most commands call
    none.
    """

    def __init__(self, make: Callable[[Any], Any]) -> None:
        """`make` is called with the module `compiler`."""
        self._make = make

    @cached_property
    def made(self) -> Any:
        """What numba knows it by."""
        from service.matching import compiler  # noqa: PLC0415 (0.3 s)

        return self._make(compiler)

    @property
    def _numba_type_(self) -> Any:
        """Numba asks for it where another kernel calls this one."""
        from service.matching import compiler  # noqa: PLC0415 (numba has loaded it)

        return compiler.type_of(self.made)

    def __call__(self, *given: P.args, **named: P.kwargs) -> R:
        """What the function returns, compiled."""
        found: R = self.made(*given, **named)
        return found


def compiled(function: Callable[P, R]) -> Kernel[P, R]:
    """Compiles a function that Python calls, and keeps the result in a file if possible."""
    return Kernel(lambda compiler: compiler.dispatcher(function, only_inner=False))


def inner(function: Callable[P, R]) -> Kernel[P, R]:
    """Compiles a function that only kernels call."""
    return Kernel(lambda compiler: compiler.dispatcher(function, only_inner=True))


pointer: Kernel[..., Any] = Kernel(lambda compiler: compiler.pointer)
prefetch: Kernel[..., Any] = Kernel(lambda compiler: compiler.prefetch)
trailing_zeros: Kernel[..., Any] = Kernel(lambda compiler: compiler.trailing_zeros)
"""What kernels call, as `compiler` says."""
