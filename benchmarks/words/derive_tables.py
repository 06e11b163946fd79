"""Dictionaries → service/matching/words/tables: the tables of word forms that ship.

    pip install --group tables
    python -m benchmarks.words.derive_tables            # an hour; or name languages: en de …

docs/benchmarks.md says what they are worth.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.words import sources
from benchmarks.words.encoding import encoded
from benchmarks.words.links import links

WORDS = Path(__file__).parents[2] / "service" / "matching" / "words"


def main(languages: list[str]) -> None:
    """Writes the tables of these languages, or of all."""
    peoples = (Path(__file__).parent / "peoples.txt").read_text(encoding="utf-8").split()
    for language in languages or sources.LANGUAGES:
        begun = time.process_time()
        found = links(language, peoples)
        table = encoded(found)
        (WORDS / "tables" / f"{language}.forms").write_bytes(table)
        spent = time.process_time() - begun
        print(
            f"{language}: {len(found.lemmas):,} forms, {len(table):,} bytes, {spent:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
