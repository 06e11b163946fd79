"""How often does a source send or a watchlist match, and is it quiet now, or far above that?"""
