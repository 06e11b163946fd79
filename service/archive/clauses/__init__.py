"""What of a watchlist do past articles need, and what would it find without one of its clauses?"""
