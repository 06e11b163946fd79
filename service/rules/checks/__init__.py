"""Do the watchlists' own tests hold, why does one match, and what of the rules do they try?"""
