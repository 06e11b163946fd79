"""What an article contains instead of what a failed clause requires, in an analyst's words."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from service.matching.evaluation.article_index import ArticleIndex, Mention
from service.matching.evaluation.clauses import Clause
from service.matching.evaluation.evaluate import ZONES, NodeResult, count, word_ranges
from service.matching.evaluation.metadata import metadata_values
from service.matching.evaluation.proximity import WordRange
from service.matching.syntax.notation import unparse
from service.matching.syntax.tree import AtLeast, Joint, Meta, Near, Not, Style, Term, Unit, Within
from service.matching.words.inflection import missed_forms
from service.matching.words.wildcard import is_pattern


def required_clause(clause: Clause) -> str:
    """What would have to hold: `title:missile`, or `NOT cricket` for a clause that holds."""
    node = clause.result.node
    for field in reversed(clause.fields):
        node = Within(field, ZONES, node)
    return unparse(Not(node) if clause.result.holds else node)


def explain_clause(clause: Clause, index: ArticleIndex, language: str) -> str:
    """What the article contains instead; `language` is the watchlist's."""
    result = clause.result
    match result.node:
        case Meta(field=field):
            return _known_values(field, metadata_values(field, index.article))
        case Term() as term if not result.holds:
            return _not_mentioned(term, index, language)
        case Term():
            return f"mentioned ({_zones(result.mentions)})"
        case Near(operands=operands) if not result.holds:
            return f"{'both' if len(operands) == 2 else 'all'} mentioned, {_distance(result)}"
        case Near():
            return f"they are that near ({', '.join(_in_order(word_ranges(result).values()))})"
        case AtLeast(least=least):
            return f"{count(result.children[0])} of {least}" if not result.holds else _often(result)
        case _:
            return "it holds" if result.holds else "it does not hold"


def _known_values(field: str, known: Sequence[str]) -> str:
    said = ", ".join(known[:1] if field == "language" else dict.fromkeys(known))
    if not said:
        return "there are no tags" if field == "tag" else f"the {field} is not known"
    return f"the tags are {said}" if field == "tag" else f"the {field} is {said}"


def _not_mentioned(term: Term, index: ArticleIndex, language: str) -> str:
    """Says if the term is mentioned in other zones only, or in other forms only."""
    elsewhere = index.mentions(term, language, ZONES)
    if elsewhere:
        return f"mentioned, but in the {_zones(elsewhere)} only"
    if term.style is not Style.INFLECTED:
        forms = index.mentions(replace(term, style=Style.INFLECTED), language, ZONES)
        texts = dict(index.article.zones())
        said = dict.fromkeys(texts[form.zone][form.start : form.end] for form in forms)
        if said:
            return f"mentioned only as “{'”, “'.join(list(said)[:3])}”"
        return "not mentioned"
    return _other_word(term, index, language)


def _other_word(term: Term, index: ArticleIndex, language: str) -> str:
    """Says if a word stands there that the term may be a form of, but does not find."""
    primary = language.partition("-")[0]
    for word in term.words:
        if is_pattern(word) or index.hits(word, term.style, language):
            continue
        for missed in missed_forms(word, primary).values():
            for form in missed:
                if index.hits(form, Style.EXACT, language):
                    instead = _both(term, word, form)
                    return f"“{form}” stands there, which is no form of “{word}” here: {instead}"
    return "not mentioned"


def _both(term: Term, word: str, form: str) -> str:
    phrase = " ".join(form if each == word else each for each in term.words)
    return f"write {term.label} OR {phrase} to find both"


def _zones(mentions: Sequence[Mention]) -> str:
    return ", ".join(_in_order(mention.zone for mention in mentions))


def _in_order(zones: Iterable[str]) -> list[str]:
    found = set(zones)
    return [zone for zone in ("title", "lead", "body") if zone in found]


def _often(result: NodeResult) -> str:
    often = count(result.children[0])
    return f"mentioned {often} times" if often > 1 else "mentioned once"


def _distance(result: NodeResult) -> str:
    """Says how far apart the first two neighbours of a NEAR are that are nowhere near enough."""
    node, operands = result.node, result.children
    if not isinstance(node, Near):
        raise TypeError(node)
    for joint, left, right in zip(node.joints, operands, operands[1:], strict=False):
        said = _too_far(joint, word_ranges(left), word_ranges(right))
        if said:
            names = f": {unparse(left.node)}, {unparse(right.node)}" if len(operands) > 2 else ""
            return said + names
    return "but not all together anywhere"


def _too_far(joint: Joint, left: Mapping[WordRange, str], right: Mapping[WordRange, str]) -> str:
    match joint.unit:
        case Unit.SENTENCE:
            return "but not in one sentence"
        case Unit.PARAGRAPH:
            return "but not in one paragraph"
        case Unit.WORDS:
            gaps = _gaps(left, right) + ([] if joint.ordered else _gaps(right, left))
    if not gaps:
        return f"but not in {'that order in ' if joint.ordered else ''}one zone"
    least = min(gaps)
    return f"{least} words apart at the closest" if least > joint.most else ""


def _gaps(left: Mapping[WordRange, str], right: Mapping[WordRange, str]) -> list[int]:
    """For each left mention, how many words are between it and the next right one after it."""
    starts: defaultdict[str, list[int]] = defaultdict(list)
    for (first, _), zone in sorted(right.items()):
        starts[zone].append(first)
    found = []
    for (_, last), zone in left.items():
        at = bisect_right(starts[zone], last)
        if at < len(starts[zone]):
            found.append(starts[zone][at] - last - 1)
    return found
