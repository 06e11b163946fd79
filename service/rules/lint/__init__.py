"""Advice on rules that are valid but may not mean what their author intends."""
