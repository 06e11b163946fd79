"""The arrays that scoring works on; inside a kernel, tuples of pointers to them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.matching.kernels import inner, pointer

MAX_DEPTH = 128
"""Most frames, or lists within lists, of one plan."""
MAX_TERMS = 512
"""Most terms of a query that occur in an article."""
MAX_MENTIONS = 8192
"""Most mentions of these terms together."""
MAX_MASSES = 1024
"""Most values that count, in all open frames together."""

HOLDS, COUNTS, FIRST_TERM, TERMS, MASSES, DEPTH, CALLS, ORDER, OFTEN, OVERFLOW = range(10)
"""The registers: of the last value whether it holds, whether it counts, and its first term; how
many terms, masses, frames and calls there are; the number of the next term in the query; how often
the last NEAR occurred; and whether the plain evaluator has to score the query."""
REGISTERS = 10


class Plans(NamedTuple):
    """How the queries are scored."""

    code: npt.NDArray[np.int32]
    """All plans, one after the other (see `opcodes`)."""
    start: npt.NDArray[np.int32]
    """For each query: where its plan begins."""


class PlacedWords(NamedTuple):
    """Where the words of a batch are."""

    start: npt.NDArray[np.int32]
    """For each word: its first character in the text of the batch."""
    end: npt.NDArray[np.int32]
    """For each word: the character after its last one."""
    sentence: npt.NDArray[np.int32]
    """For each word: the number of its sentence in its article, from 1."""


class ScoreSpace(NamedTuple):
    """Working space of one thread at a time; `width` is the most sentences and paragraphs that an
    article has together.
    """

    registers: npt.NDArray[np.int32]
    mass: npt.NDArray[np.float64]
    """One entry: the mass of the last value."""
    marks: npt.NDArray[np.uint8]
    """uint8[width]: for each sentence, then for each paragraph, whether the last value has it."""
    kind: npt.NDArray[np.int32]
    least: npt.NDArray[np.int32]
    joints: npt.NDArray[np.int32]
    children: npt.NDArray[np.int32]
    holding: npt.NDArray[np.int32]
    counting: npt.NDArray[np.int32]
    first_term: npt.NDArray[np.int32]
    first_mass: npt.NDArray[np.int32]
    """For each frame: its kind and its number (`opcodes.OPEN`), where its joints are; how many
    values it has, how many of them hold and count; its first term and mass."""
    often: npt.NDArray[np.int32]
    """int32[MAX_DEPTH × width]: for each frame and place, how many values that count have it."""
    masses: npt.NDArray[np.float64]
    """The masses of the values that count, of all open frames."""
    clause: npt.NDArray[np.int32]
    """For each mass of the outermost frame: the number of its child."""
    calls: npt.NDArray[np.int32]
    """Where the callers of the open lists go on."""
    term_order: npt.NDArray[np.int32]
    """For each term that occurs: its number in the query."""
    term_start: npt.NDArray[np.int32]
    """For each term that occurs, and the end: where its mentions begin."""
    mentions: npt.NDArray[np.int64]
    """The mentions of all terms; each `first << 32 | last`, numbers of words of the batch."""
    operand_end: npt.NDArray[np.int32]
    """For each operand of the open NEAR: the end of its terms."""


def new_space(width: int) -> ScoreSpace:
    """Working space for articles with so many sentences and paragraphs."""
    frame = np.int32, MAX_DEPTH
    sizes: dict[str, tuple[type[np.generic], int]] = {
        "registers": (np.int32, REGISTERS),
        "mass": (np.float64, 1),
        "marks": (np.uint8, width),
        **dict.fromkeys(("kind", "least", "joints", "children", "holding", "counting"), frame),
        **dict.fromkeys(("first_term", "first_mass", "calls"), frame),
        "often": (np.int32, MAX_DEPTH * width),
        "masses": (np.float64, MAX_MASSES),
        "clause": (np.int32, MAX_MASSES),
        "term_order": (np.int32, MAX_TERMS),
        "term_start": (np.int32, MAX_TERMS + 1),
        "mentions": (np.int64, MAX_MENTIONS),
        "operand_end": (np.int32, MAX_MASSES),
    }
    return ScoreSpace(**{name: np.zeros(size, kind) for name, (kind, size) in sizes.items()})


@inner
def space_pointers(space):
    return ScoreSpace(
        pointer(space.registers),
        pointer(space.mass),
        pointer(space.marks),
        pointer(space.kind),
        pointer(space.least),
        pointer(space.joints),
        pointer(space.children),
        pointer(space.holding),
        pointer(space.counting),
        pointer(space.first_term),
        pointer(space.first_mass),
        pointer(space.often),
        pointer(space.masses),
        pointer(space.clause),
        pointer(space.calls),
        pointer(space.term_order),
        pointer(space.term_start),
        pointer(space.mentions),
        pointer(space.operand_end),
    )
