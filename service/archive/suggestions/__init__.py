"""Which change of a watchlist would have kept noise away, and what may it lose?"""
