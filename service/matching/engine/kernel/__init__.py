"""The compiled inner loops of matching: an article's words are read, and queries are run on them.

numba compiles these modules when they are first called and keeps the result (see
`matching.kernels`). They run without the GIL and touch only the arrays that they are given.

    scan: text → words                                  match: words → queries that hold

    text      M i s s i l e s   h i t   t w o …         1  words → forms → keys → units
    bounds    [0, 8, 31, 95]  zones of the batch
                                                        form     [17, 4, 9, 4, …]
    words.form        [17, 4, 9, 4, …]   one a word               │
    words.gap         [ 6, 0, 0, 1, …]   what is before  keys     keys[keys_start[17] : …]
    words.zone_start  [0, 1, 4, 9]       3 zones and              │  = [2, 5]: what form 17 means
                                         the end         lists    lists[lists_start[2] : …] = [40]
                                                                  │  list 40 contains key 2
    A form is a word as it is written. Its number        present  one bit a unit: 2, 5 and 40 occur
    is its place in the lexicon. A key is what a
    word of a rule means. A unit is a key or a list.    2  units → postings → candidates

                                                        posting_start[5] … posting_start[6]
    The words of a key in the article:                     │
                                                        posting       [31]  second unit: occurs?
    key_at[key] - 1 = place                             posting_rest  [query, program, 6 units]
    head[place] ─▶ link ─▶ link_next[link] ─▶ … -1         │             do the 6 units allow it?
                     │
       link_form[link] = form's place                   3  candidates → program → matches
                     │
    first[place] ─▶ word ─▶ following[word] ─▶ … -1     code[program:]  [KEY, 7, UNLESS, …, END]
    (words of the batch, in reading order)                  run until END; then set the query's bit

                                                        found[found_start[a] : found_start[a + 1]]
                                                            the queries that hold for article a
"""
