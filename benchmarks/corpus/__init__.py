"""The articles, expressions and hostile inputs that the benchmarks measure with."""
