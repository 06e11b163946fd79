"""`make bench` and its sections: `make bench ARGS="growth"`, `ARGS="exact --help"`."""

from __future__ import annotations

import sys
from importlib import import_module

from benchmarks.record import SECTIONS


def main(arguments: list[str]) -> int:
    """Run one section, the table of `make bench` when none is named; 1 when it finds a fault."""
    name, *rest = arguments or ["matching"]
    if name in SECTIONS or name == "record":
        return int(import_module(f"benchmarks.{SECTIONS.get(name, name)}").main(rest))
    print(f"{__doc__}\nSections: {', '.join(SECTIONS)}; each explains itself with --help.")
    print("record: runs them all and writes what they print into docs/benchmarks.md.")
    return 0 if name in ("-h", "--help") else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
