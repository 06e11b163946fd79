"""Expressions as numbers that kernels run: whether one holds, where it waits, how it is scored."""
