"""Articles → blocks: their words are read and numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from service.archive.kept.block import GAP_SHIFT, SHOUTED, Block, KeptFacts, packed_text
from service.articles.article import Article
from service.matching.engine.compile import PreloadedForms, code_points
from service.matching.engine.engine import MULTIPLIER
from service.matching.engine.kernel.scan import Words
from service.matching.engine.kernel.scan import scan as scan_words
from service.matching.engine.kernel.table import Hashing
from service.matching.engine.lexicon import Lexicon
from service.matching.words.characters import character_classes

MAX_FORMS = 500_000
"""Forms that a packer remembers; with more it begins anew."""


class UnpackedArticle(NamedTuple):
    """An article, and what is known of its entry."""

    entry_id: str
    size: int
    fields: str
    """As `KeptFacts` has them."""
    article: Article
    origin: str = ""


class Packer:
    """Makes blocks; remembers the forms of words, whose numbers are those of the last block."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._forms: list[str] = []
        # Nobody looks up what forms mean here. The seed is as good as any: no rules are known.
        hashing = Hashing(np.uint64(len(SHOUTED)), np.uint64(MULTIPLIER))
        self._lexicon = Lexicon(self._note, "", PreloadedForms.none(), hashing, 2 * MAX_FORMS)

    def _note(self, surface: str, shouted: bool) -> list[int]:
        """Called for each new form, in the order of their numbers; it means nothing."""
        self._forms.append(SHOUTED + surface if shouted else surface)
        return []

    def pack(self, articles: Sequence[UnpackedArticle]) -> list[Block]:
        """A block for each language."""
        by_language: dict[str, list[UnpackedArticle]] = {}
        for one in articles:
            by_language.setdefault(one.article.language.partition("-")[0], []).append(one)
        return [self._block(language, some) for language, some in by_language.items()]

    def _block(self, language: str, some: Sequence[UnpackedArticle]) -> Block:
        if len(self._forms) > MAX_FORMS:
            self._begin()
        words = self._words([text for one in some for _, text in one.article.zones()])
        used = np.flatnonzero(np.bincount(words.form, minlength=len(self._forms)))
        table = np.zeros(len(self._forms), np.uint32)
        table[used] = np.arange(len(used), dtype=np.uint32)
        packed = [packed_text(one.article) for one in some]
        return Block(
            language,
            [self._forms[number] for number in used.tolist()],
            table[words.form] | words.gap.astype(np.uint32) << np.uint32(GAP_SHIFT),
            words.zone_start,
            [_facts(one) for one in some],
            np.frombuffer(b"".join(packed), np.uint8),
            np.cumsum([0, *map(len, packed)]),
        )

    def _words(self, zones: Sequence[str]) -> Words:
        text = "".join(zones)
        bounds = np.cumsum([0, *map(len, zones)])
        shouted = np.array([zone.isupper() for zone in zones], np.uint8)
        seen = self._lexicon.snapshot
        words = scan_words(
            code_points(text), bounds, shouted, character_classes(), seen.forms, seen.size,
            Hashing(np.uint64(len(SHOUTED)), np.uint64(MULTIPLIER)),
        )  # fmt: skip
        if len(words.unknown) and self._lexicon.learn(seen, text, words, shouted) is None:
            raise RuntimeError("the list of forms was restarted: this is a fault in Tocsin")
        return words


def _facts(one: UnpackedArticle) -> KeptFacts:
    article = one.article
    return KeptFacts(
        one.entry_id, article.identity.digest, one.size, one.fields, article.url, article.source,
        article.author, article.language, article.country, article.tags,
        one.origin,
    )  # fmt: skip
