"""Advice on quotation marks that are none in an expression: YAML takes them, or they are others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.matching.syntax.tree import Node, Style, Term
from service.rules.lint.remark import Remark
from service.rules.lint.source import Expression, RulesSource

_BARE_PHRASE = re.compile(r"[\w'’-]+(?: [\w'’-]+)+")
# An apostrophe may begin a word: rock ’n’ roll, ’90s.
_OTHER_MARKS = re.compile(
    r"""(?<!\S)(?: (?:‘|‚|’|''?|`) (?P<words> [^\W\d][^‘‚’'`]+[^\W] ) (?:’|‘|''?|`|´)
               | [‹›「『《〈〝＂] (?P<others> [^‹›」』》〉〞＂]+ ) [‹›」』》〉〞＂]
         )(?!\w)""",
    re.VERBOSE,
)
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


def find_other_quotes(node: Node) -> Iterator[Remark]:
    """Advice on words of a phrase in marks that are not read: `‘Elon Musk’`."""
    if not isinstance(node, Term) or node.style is not Style.INFLECTED:
        return
    for found in _OTHER_MARKS.finditer(node.label):
        message = (
            f"the marks of “{found[0]}” are not read, so any form of the words counts: "
            f'write "{found["words"] or found["others"]}" for just these words'
        )
        yield Remark("T517", message, found[0])
