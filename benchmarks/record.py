"""The sections, run one after the other, and what they print written into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
SECTIONS = {
    "matching": "matching.matching",
    "ready": "rules.ready",
    "reload": "rules.reload",
    "change": "rules.change",
    "growth": "matching.growth",
    "hostile": "matching.hostile",
    "exact": "matching.exact",
    "extraction": "articles.extraction",
    "reading": "articles.reading",
    "stories": "alerts.stories",
    "rhythms": "alerts.rhythms",
    "delivery": "delivery.delivery",
    "stream": "stream.stream",
    "store-memory": "stream.memory",
    "scale": "stream.scale",
    "fleet": "stream.fleet",
    "faults": "stream.faults",
    "wire": "stream.wire",
}
"""The module of each section, in the order of the page."""


def main(arguments: Sequence[str] = ()) -> int:
    """Run the sections named, or all, and record each; not 0 when one of them found a fault."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks record", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    chosen = parser.parse_args(arguments).sections or SECTIONS
    if unknown := set(chosen) - set(SECTIONS):
        parser.error(f"no section: {', '.join(sorted(unknown))}")
    worst = 0
    for name in chosen:
        code, printed = printed_by(name)
        worst = max(worst, abs(code))
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_record(page, name, f"{day}\n{printed}"), encoding="utf-8")
    return worst


def printed_by(name: str) -> tuple[int, str]:
    """The exit code of a section and its text, which is shown meanwhile."""
    lines = []
    command = [sys.executable, "-m", "benchmarks", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return running.returncode, "".join(lines)


def with_record(page: str, name: str, printed: str) -> str:
    """The page with this text in the block below the section's mark. Raises ValueError without."""
    block = re.compile(rf"(<!-- {name} -->\n```\n).*?(```\n)", re.DOTALL)
    if not block.search(page):
        raise ValueError(f"{PAGE.name} has no block below <!-- {name} -->")
    return block.sub(lambda found: found[1] + printed.rstrip("\n") + "\n" + found[2], page)
