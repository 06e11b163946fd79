"""The score and the evidence of queries that hold, from the words that the matching kernels know.

A plan (see `opcodes`) computes one value after another; each is folded into the frame around it.

    Pakistan AND $turkey    OPEN ALL   TERM Pakistan   CALL ──▶ OPEN ANY  TERM …  CLOSE  RETURN
                            CLOSE      STOP

    a value      holds, counts, mass, the sentences and paragraphs that have all it requires
                 (marks), and its terms: the last ones of the list of terms that occur
    a frame      how many values it has, how many of them hold and count, their masses, and for
                 each sentence and paragraph how many of them have it

What is rare goes to the plain evaluator, which a run asks for by `OVERFLOW`.
"""
