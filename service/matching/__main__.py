"""`python -m service.matching`: compiles the kernels now, so that no start has to."""

from __future__ import annotations

from service.jit import mark
from service.matching.engine import prepare

if __name__ == "__main__":
    prepare()
    try:
        mark().touch()
    except OSError as error:
        print(f"the kernels cannot be kept beside their source: {error}")  # noqa: T201
