"""Searches of other systems, read by their own grammar and written as watchlists."""
