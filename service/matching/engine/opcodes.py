"""The small integer programs that expressions become: operations, and what follows each.

A program computes one truth value. `programs.program` writes programs, `kernel.programs` runs them;
offsets are places in the arena that all programs share. A plan computes a score: `programs.plan`
writes plans, `kernel.scores` runs them.
"""

from __future__ import annotations

END = 0
"""[] The value is the program's answer; of a list's program, back to the caller."""
KEY = 1
"""[unit] A word, or a list of words, occurs anywhere."""
KEY_IN = 2
"""[key, zones] A word occurs in one of the zones (bit 0 title, 1 lead, 2 body)."""
PHRASE = 3
"""[zones, capital, pivot, n, key × n] The words follow one another; the pivot is searched for."""
TEST = 4
"""[test] A test of the metadata."""
NOT = 5
"""[]"""
UNLESS = 6
"""[target] Jump if the value is false."""
WHEN = 7
"""[target] Jump if the value is true."""
LIST = 8
"""[list] A named list, worked out once an article."""
COUNT = 9
"""[] Begin a count at 0."""
ADD = 10
"""[least, target] Add the value to the count; jump if it has reached `least`."""
REACHED = 11
"""[least] End the count: whether it has reached `least`."""
NEAR = 12
"""[n, operand, (unit, most, ordered, operand) × (n - 1)] Operands near one another."""
ATLEAST = 13
"""[least, operand] That many mentions."""
ATLEAST_NEAR = 14
"""[least, then as NEAR] That many occurrences."""
ANY_KEY = 15
"""[n, unit × n] Any of the words, or lists, occurs anywhere."""

WITHIN_WORDS, WITHIN_SENTENCE, WITHIN_PARAGRAPH = 0, 1, 2
"""The units of NEAR. An operand is [n, (as PHRASE) × n] in the arena."""

NEEDS_PROGRAM, NEEDS_MARK, NONE_OCCURS = 1, 2, 4
"""Flags in the low bits of a posting's query: it has a program; it has several postings, and its
program is run once; none of the checked units may occur (otherwise one must)."""
QUERY_SHIFT = 3
MAX_CHECKED = 6
"""Most units that are checked before a program is run."""
POSTING_NUMBERS = 2 + MAX_CHECKED
"""How many numbers a posting has in `posting_rest`: the query, the start of its program, and the
units to check. Fewer units are repeated to fill the row."""
ANY_CHARACTERS = -1
"""A `*` in a metadata test's characters."""

PLAN_STOP = 0
"""[] The value is the plan's; a query's plan is followed by those of its boosts."""
PLAN_TERM = 1
"""[operand] A term; its operand has one phrase for each way that it may be written."""
PLAN_TEST = 2
"""[test] A test of the metadata."""
PLAN_CALL = 3
"""[start] The plan of a named list, up to its RETURN."""
PLAN_RETURN = 4
"""[]"""
PLAN_OPEN = 5
"""[kind, number] Begin a frame; the number is that of SOME or ENOUGH. A NEAR has as its number how
many operands there are, and then what follows in NEAR; its operands are values of the frame."""
PLAN_CLOSE = 6
"""[] End the innermost frame: its value follows from its values."""

EACH_OF, ALL_OF, ANY_OF, SOME_OF, NONE_OF, NEAR_ONE_ANOTHER, ENOUGH, ENOUGH_NEAR = range(8)
"""The kinds of frames: the outermost AND, whose values are the clauses of the score; any other AND;
OR, `any2(…)`, NOT, NEAR; and `atleast2(…)` of mentions or of a NEAR."""

CAPITAL = 1
"""The flag of a form that has a capital; the other bits are those of `abbreviations.StopRole`."""
