"""Do the watchlists' own tests hold, and what of the rules do they try?"""
