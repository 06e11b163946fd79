"""Scores and evidence of the queries that hold for a batch of articles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.engine import opcodes as op
from service.matching.engine.kernel.arrays import (
    FormFacts,
    MetadataValues,
    QueryArrays,
    Scratch,
    metadata_pointers,
    query_pointers,
    scratch_pointers,
)
from service.matching.engine.kernel.positions import ArticleWords
from service.matching.engine.kernel.scan import Words
from service.matching.engine.kernel.scores.arrays import (
    DEPTH,
    HOLDS,
    OVERFLOW,
    REGISTERS,
    TERMS,
    PlacedWords,
    Plans,
    ScoreSpace,
    space_pointers,
)
from service.matching.engine.kernel.scores.evidence import SHOWN_NUMBERS, write_evidence
from service.matching.engine.kernel.scores.plans import closeness, run_plan
from service.matching.engine.kernel.sentences import number_sentences
from service.matching.engine.kernel.units import link_forms, note_units
from service.matching.kernels import compiled, inner, pointer

SCORED, FAILED, BY_EVALUATOR = 0, 1, 2
"""What the first number of a match says: it is scored; its expression does not hold after all; the
plain evaluator has to score it."""
HEAD_NUMBERS = 5
"""Numbers of a match before its clauses: the above, its closeness, and how many clauses, terms and
boosts there are."""


class Scored(NamedTuple):
    """Where a call of `score` ended, and what it wrote."""

    article: int
    """The article that is next; as many as there are when all are done."""
    match: int
    """The match that is next, an index of `found`."""
    numbers: int
    """How many numbers were written."""
    masses: int
    links: int
    """How many links are needed; 0 where there were enough."""
    width: int
    """How many sentences and paragraphs the space has to have room for; 0 where it has."""


@compiled
def score(
    words: Words,
    placed: PlacedWords,
    known: FormFacts,
    query_arrays: QueryArrays,
    plans: Plans,
    metadata: MetadataValues,
    scratch: Scratch,
    space: ScoreSpace,
    found: npt.NDArray[np.int64],
    found_start: npt.NDArray[np.int64],
    limit: int,
    article: int,
    match: int,
    numbers: npt.NDArray[np.int64],
    masses: npt.NDArray[np.float64],
) -> Scored:
    """Writes the scores of matches, from `match` of `article` on.

    Args:
        words: those of the batch, three zones an article.
        placed: where they are; the numbers of the sentences are written.
        known: what the forms of `words` mean.
        query_arrays: the queries.
        plans: how they are scored.
        metadata: the articles' metadata.
        scratch: working space of the matching kernels.
        space: working space for scores.
        found: the numbers of the queries that hold, article after article.
        found_start: int64[articles + 1]: where those of each article begin.
        limit: most pieces of evidence, unless more are needed to show every term.
        article: the first article.
        match: its first match that is not scored.
        numbers: for each match `HEAD_NUMBERS`; the child of each clause; the number of each term in
            its query; whether each boost holds; how many pieces of evidence, and these (see
            `evidence.SHOWN_NUMBERS`).
        masses: for each match the masses of its clauses, then of its terms.
    """
    articles = len(found_start) - 1
    keys_start, keys = pointer(known.keys_start), pointer(known.keys)
    form, gap, flags = pointer(words.form), pointer(words.gap), pointer(known.flags)
    bounds = words.zone_start
    rules, facts = query_pointers(query_arrays), metadata_pointers(metadata)
    worked, own = scratch_pointers(scratch), space_pointers(space)
    used = weighed = np.int64(0)
    while article < articles:
        if match == found_start[article + 1]:
            article += 1
            continue
        title, lead = bounds[3 * article], bounds[3 * article + 1]
        body, end = bounds[3 * article + 2], bounds[3 * article + 3]
        distinct, needed = link_forms(form, keys_start, title, lead, body, end, worked)
        if needed > len(scratch.head):
            return Scored(article, match, used, weighed, needed, 0)
        units = note_units(distinct, keys_start, keys, rules, False, worked)
        places = ArticleWords(
            worked.key_at, worked.head, worked.link_form, worked.link_next, worked.first,
            worked.following, worked.key_stretches, form, gap, flags, keys_start, keys, title, lead,
            body, end, worked.sentence, worked.paragraph,
        )  # fmt: skip
        number_sentences(places)
        sentences, width = _count_places(places, placed)
        if width > len(space.marks):
            _forget(units, worked)
            return Scored(article, match, used, weighed, 0, width)
        while match < found_start[article + 1]:
            plan = np.int64(plans.start[found[match]])
            before = used
            used, weighed = _score_match(
                plan, article, rules, plans, facts, places, placed, own, sentences, width, limit,
                numbers, masses, used, weighed,
            )  # fmt: skip
            if used < 0:
                _forget(units, worked)
                return Scored(article, match, before, weighed, 0, 0)
            match += 1
        _forget(units, worked)
        article += 1
    return Scored(article, match, used, weighed, 0, 0)


@inner
def _count_places(places, placed):
    """How many sentences the article has, and sentences and paragraphs together."""
    count = places.end - places.title
    sentences = paragraphs = np.int64(0)
    for word in range(count):
        placed.sentence[places.title + word] = places.sentence[word]
        sentences = np.int64(places.sentence[word])
        paragraphs = np.int64(places.paragraph[word])
    return sentences, sentences + paragraphs


@inner
def _forget(units, worked):
    """Clears the working space; what is scored was counted when it was matched."""
    for place in range(units):
        unit = worked.touched[place]
        worked.key_at[unit] = 0
        worked.present[unit >> np.int32(6)] = 0
        worked.seen[unit] -= 1


@inner
def _score_match(
    plan, article, rules, plans, facts, places, placed, own, sentences, width, limit, numbers,
    masses, used, weighed,
):  # fmt: skip
    """Writes one match; returns the ends of the numbers and masses, or -1 if there is no room."""
    registers = own.registers
    for each in range(REGISTERS):
        registers[each] = 0
    boosts = np.int64(plans.code[plan])
    after = run_plan(plan + 1, article, rules, plans, facts, places, own, sentences, width)
    terms = np.int64(registers[TERMS])
    is_and = plans.code[plan + 1] == op.PLAN_OPEN and plans.code[plan + 2] == op.EACH_OF
    clauses = np.int64(own.counting[0]) if is_and else np.int64(1)
    most = HEAD_NUMBERS + clauses + terms + boosts + 1
    most += (SHOWN_NUMBERS + 1) * np.int64(own.term_start[terms])
    if used + most > len(numbers) or weighed + clauses + terms > len(masses):
        return np.int64(-1), weighed
    status = FAILED if not registers[HOLDS] else SCORED
    if registers[OVERFLOW]:
        status = BY_EVALUATOR
    at = used + HEAD_NUMBERS
    if status == SCORED:
        for clause in range(clauses):
            numbers[at] = own.clause[clause] if is_and else 0
            masses[weighed + clause] = own.masses[clause] if is_and else own.mass[0]
            at += 1
        numbers[used + 1] = closeness(own, sentences, width)
        for term in range(terms):
            numbers[at] = own.term_order[term]
            masses[weighed + clauses + term] = _term_mass(term, places, own)
            at += 1
        shown = at + boosts
        end = write_evidence(limit, places, placed, own, sentences, width, numbers, shown)
        for each in range(boosts):
            registers[TERMS] = 0
            registers[DEPTH] = 0
            after = run_plan(after + 1, article, rules, plans, facts, places, own, sentences, width)
            numbers[at + each] = registers[HOLDS]
        at = end
        if registers[OVERFLOW]:
            status = BY_EVALUATOR
    if status != SCORED:
        clauses = terms = boosts = np.int64(0)
        at = used + HEAD_NUMBERS
    numbers[used] = status
    numbers[used + 2] = clauses
    numbers[used + 3] = terms
    numbers[used + 4] = boosts
    return at, weighed + clauses + terms


@inner
def _term_mass(term, places, own):
    mass = 0.0
    for at in range(own.term_start[term], own.term_start[term + 1]):
        word = own.mentions[at] >> np.int64(32)
        mass += 4.0 if word < places.lead else 2.0 if word < places.body else 1.0
    return mass
