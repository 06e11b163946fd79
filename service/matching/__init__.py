"""Watchlist expressions and how they are matched, scored and proved."""
