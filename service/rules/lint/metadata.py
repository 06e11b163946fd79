"""Advice on values of metadata that no article has: `country:UK`, `language:english`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.matching.syntax.tree import Meta, Node

_COUNTRIES = {"uk": "GB", "usa": "US", "uae": "AE", "england": "GB", "en": "GB", "russia": "RU"}
_LANGUAGES = {
    "arabic": "ar",
    "chinese": "zh",
    "dutch": "nl",
    "english": "en",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "polish": "pl",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "turkish": "tr",
    "ukrainian": "uk",
    "gb": "en",
    "us": "en",
    "eng": "en",
}
_COUNTRY = re.compile(r"[a-z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]+)*")


def find_unknown_values(node: Node) -> Iterator[str]:
    """Advice on a test that holds for no article; a value with `*` may be anything."""
    if not isinstance(node, Meta) or "*" in node.pattern:
        return
    value = node.pattern.lower()
    if node.field == "country" and (value in _COUNTRIES or not _COUNTRY.fullmatch(value)):
        code = _COUNTRIES.get(value)
        instead = f"write country:{code}" if code else "write its code, as in country:PK"
        yield f"country:{node.pattern} is no code of a country (ISO 3166): {instead}"
    if node.field == "language" and (value in _LANGUAGES or not _LANGUAGE.fullmatch(value)):
        code = _LANGUAGES.get(value)
        instead = f"write language:{code}" if code else "write its code, as in language:en"
        yield f"language:{node.pattern} is no code of a language (BCP 47): {instead}"
