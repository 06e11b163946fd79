"""Advice on values of metadata that no article has: `country:UK`, `language:english`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from babel import Locale
from babel.core import get_global

from service.matching.syntax.tree import Meta, Node
from service.rules.lint.remark import Remark


class _Codes(NamedTuple):
    """The codes of one standard, and what people write instead of them; all in lower case."""

    standard: str
    example: str
    known: frozenset[str]
    meant: Mapping[str, str]
    """Names in English, and codes that other standards have, with the code to write."""


def find_unknown_values(node: Node) -> Iterator[Remark]:
    """Advice on a test that holds for no article; a value with `*` may be anything."""
    if not isinstance(node, Meta) or "*" in node.pattern:
        return
    codes = _codes().get(node.field)
    value = node.pattern.lower()
    if codes is None or value.partition("-")[0] in codes.known:
        return
    meant = codes.meant.get(value)
    instead = f"write {node.field}:{meant}" if meant else f"write its code, as in {codes.example}"
    said = f"{node.field}:{node.pattern}"
    message = f"{said} is no code of a {node.field} ({codes.standard}): {instead}"
    yield Remark("T507", message, said, f"{node.field}:{meant}" if meant else "")


@cache
def _codes() -> Mapping[str, _Codes]:
    """The codes by field of metadata, from Unicode's CLDR."""
    english = Locale("en")
    countries = {code: name for code, name in english.territories.items() if len(code) == 2}
    languages = {code: name for code, name in english.languages.items() if "_" not in code}
    return {
        "country": _Codes(
            "ISO 3166",
            "country:PK",
            frozenset(map(str.lower, countries)),
            {
                **{old.lower(): new[0] for old, new in get_global("territory_aliases").items()},
                **{name.lower(): code for code, name in countries.items()},
                "uae": "AE",
                "england": "GB",
            },
        ),
        "language": _Codes(
            "BCP 47",
            "language:en",
            frozenset(map(str.lower, languages)),
            {
                **{old.lower(): new for old, new in get_global("language_aliases").items()},
                **{name.lower(): code for code, name in languages.items()},
            },
        ),
    }
