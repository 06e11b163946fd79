"""Advice on quotation marks that YAML takes: `match: "fighter jet"` has none left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.rules.lint.remark import Remark
from service.rules.lint.source import Expression, RulesSource

_BARE_PHRASE = re.compile(r"[\w'’-]+(?: [\w'’-]+)+")
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|O?NEAR)\b")


def find_lost_quotes(source: RulesSource) -> Iterator[tuple[Expression, Remark]]:
    """Advice on the expressions of these files, each with the expression."""
    for each in source:
        quote, said = each.node.style, each.node.value
        if quote in ("'", '"') and _BARE_PHRASE.fullmatch(said) and not _OPERATOR.search(said):
            message = (
                f"YAML takes the quotes of {quote}{said}{quote}, so any form of the words counts: "
                f"write '\"{said}\"' for just these words, or no quotes"
            )
            yield each, Remark("T511", message)
