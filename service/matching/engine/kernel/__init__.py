"""The compiled inner loops of matching: reading an article's words, and running rules on them.

numba compiles these modules to machine code when they are first called and keeps the result (see
`cache`). They run without the GIL and touch nothing but the arrays that they are given.
"""
