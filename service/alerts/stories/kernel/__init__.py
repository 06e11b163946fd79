"""The compiled inner loops of fingerprints: a text's words, the minima of their hashes, the places
of its facts, and what stands in the same places of two texts.

numba compiles these modules when they are first called and keeps the result (see
`matching.kernels`). They touch only the arrays that they are given.
"""
