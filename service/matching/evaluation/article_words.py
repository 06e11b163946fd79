"""The words of an article, in reading order."""

from __future__ import annotations

from typing import NamedTuple

from service.matching.words.text import SplitText


class Word(NamedTuple):
    """One word of an article; sentences and paragraphs are numbered through the whole article."""

    zone: str
    start: int
    end: int
    surface: str
    sentence: int
    paragraph: int


class Words:
    """The words of an article in order; a `Word` is made when it is asked for."""

    def __init__(self) -> None:
        self.surfaces: list[str] = []
        self._zones: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._sentences: list[int] = []
        self._paragraphs: list[int] = []

    def __len__(self) -> int:
        return len(self.surfaces)

    def __getitem__(self, at: int) -> Word:
        return Word(
            self._zones[at],
            self._starts[at],
            self._ends[at],
            self.surfaces[at],
            self._sentences[at],
            self._paragraphs[at],
        )

    def add(self, zone: str, read: SplitText, sentence: int) -> None:
        """Adds a zone's words; `sentence` is the number of its first sentence."""
        paragraph = self._paragraphs[-1] + 1 if self._paragraphs else 0
        self.surfaces += read.surfaces
        self._zones += [zone] * len(read.surfaces)
        self._starts += read.starts
        self._ends += read.ends
        self._sentences += [sentence + own for own in read.sentence_numbers]
        self._paragraphs += [paragraph + own for own in read.paragraphs]
