"""Articles → copies of them, edited as desks edit what an agency sends; by a fixed seed.

An edit keeps the story's own names and numbers: one that swapped in those of another article would
make another event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

SEED = 2_026

Paragraphs = tuple[str, ...]
"""The title, the lead and what follows."""
Edit = Callable[[Random, Paragraphs], Paragraphs]
WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"“A-Z0-9])")
_FACT = re.compile(r"(?<![.!?\n] )(?<!^)\b(?:[A-Z][\w-]*|\d[\d.,]*\d|\d)(?: [A-Z][\w-]*)*")
_PAIRS = """
labour/labor colour/color centre/center metres/meters kilometres/kilometers programme/program
defence/defense organisation/organization recognise/recognize travelled/traveled theatre/theater
licence/license neighbours/neighbors favour/favor grey/gray tonnes/tons analyse/analyze
behaviour/behavior harbour/harbor honour/honor cheque/check towards/toward whilst/while
one/1 two/2 three/3 four/4 five/5 six/6 seven/7 eight/8 nine/9 ten/10
"""
SPELLINGS = dict(pair.split("/") for pair in _PAIRS.split())
_LOCAL = (
    "In Ballymena, the deputy mayor, Orla Devlin, said that people in the town had followed the "
    "news with interest. “We hear about it in every shop,” she said, and added that the council "
    "would talk about it at its next meeting.",
    "The news was noticed in the region too: in Arklow, Pat Kinsella of the chamber of commerce "
    "said that it was too early to tell what it meant for firms there, and that members had asked.",
    "Readers of this newspaper may remember that Mallow had its own experience of this kind. “It "
    "stayed with us for a long time,” said Nora Quill, who runs the library.",
)
_LEADS = (
    "It has become known what the latest reports on {} are about, and how it came to that.",
    "There is news of {}, as people who were there have told us in the course of the day.",
    "What was expected for a while has now happened, and concerns {} more than anyone else.",
)
_DATELINES = ("LONDON, Nov 30 (Agency) - ", "BRUSSELS (AP) — ", "NEW YORK, March 3 -- ")


def _sentences(text: str) -> list[str]:
    return _SENTENCE.split(text)


def _facts(text: str) -> list[str]:
    """The names and numbers of a text, in order."""
    return list(dict.fromkeys(_FACT.findall(text)))


def _headline(chance: Random, text: Paragraphs) -> Paragraphs:
    """Another headline: what a subeditor makes of the first sentence's own words."""
    words = text[1].split() if len(text) > 1 else text[0].split()
    start = chance.randrange(max(1, min(4, len(words) - 8)))
    return (" ".join(words[start : start + 9]).rstrip(".,"), *text[1:])


def _dateline(chance: Random, text: Paragraphs) -> Paragraphs:
    return (text[0], chance.choice(_DATELINES) + text[1], *text[2:])


def _spelling(_: Random, text: Paragraphs) -> Paragraphs:
    """American for British, figures for words."""
    return tuple(WORD.sub(lambda found: SPELLINGS.get(found[0], found[0]), each) for each in text)


def _local(chance: Random, text: Paragraphs) -> Paragraphs:
    at = chance.randint(2, len(text))
    return (*text[:at], chance.choice(_LOCAL), *text[at:])


def _cut(share: float) -> Edit:
    def edit(_: Random, text: Paragraphs) -> Paragraphs:
        left = round(sum(len(each.split()) for each in text[1:]) * share)
        out = [text[0]]
        for paragraph in text[1:]:
            words = paragraph.split()[:left]
            left -= len(words)
            out.append(" ".join(words))
        return tuple(each for each in out if each)

    return edit


def _dropped(share: float) -> Edit:
    def edit(chance: Random, text: Paragraphs) -> Paragraphs:
        every = [(at, each) for at, part in enumerate(text[1:]) for each in _sentences(part)]
        # The first sentence stays: no desk drops what the report is about.
        out = set(
            chance.sample(range(1, len(every)), round(share * len(every))) if every[1:] else ()
        )
        kept = [each for number, each in enumerate(every) if number not in out]
        paragraphs = [" ".join(s for at, s in kept if at == p) for p in range(len(text) - 1)]
        return (text[0], *filter(None, paragraphs))

    return edit


def _rewritten(chance: Random, text: Paragraphs) -> Paragraphs:
    """Another first sentence, with the facts of the old one."""
    first, *rest = _sentences(text[1])
    facts = _facts(first)
    lead = chance.choice(_LEADS).format(", ".join(facts) or "the matter")
    return (text[0], " ".join((lead, *rest)), *text[2:])


def _moved(chance: Random, text: Paragraphs) -> Paragraphs:
    title, lead, *rest = text
    chance.shuffle(rest)
    return (title, lead, *rest)


def _in_turn(*edits: Edit) -> Edit:
    def edit(chance: Random, text: Paragraphs) -> Paragraphs:
        for each in edits:
            text = each(chance, text)
        return text

    return edit


EDITS: dict[str, Edit] = {
    "another headline": _headline,
    "a dateline": _dateline,
    "another spelling": _spelling,
    "a local paragraph": _local,
    "cut to two thirds": _cut(2 / 3),
    "cut to a third": _cut(1 / 3),
    "25 % of sentences dropped": _dropped(0.25),
    "lead rewritten": _rewritten,
    "paragraphs moved": _moved,
    "headline, dateline, 15 % dropped": _in_turn(_headline, _dateline, _dropped(0.15)),
    "headline, spelling, cut, local": _in_turn(_headline, _spelling, _cut(2 / 3), _local),
}


def copies(articles: Sequence[Paragraphs], most: int) -> Iterator[tuple[str, int, Paragraphs]]:
    """For each edit its name, the number of an article, and the copy."""
    chosen = Random(SEED).sample(range(len(articles)), min(most, len(articles)))
    for name, edit in EDITS.items():
        for number in chosen:
            yield name, number, edit(Random(f"{SEED} {name} {number}"), articles[number])


def shared(a: Paragraphs, b: Paragraphs, size: int) -> tuple[float, float]:
    """The share of runs of so many words that both texts have, exactly: of all, and of those of the
    shorter text. This is slow.
    """
    one, other = (_runs(each, size) for each in (a, b))
    both = len(one & other)
    return both / max(1, len(one | other)), both / max(1, min(len(one), len(other)))


def _runs(text: Paragraphs, size: int) -> set[tuple[str, ...]]:
    words = WORD.findall("\n".join(text).casefold())
    return set(zip(*(words[start:] for start in range(size)), strict=False))
