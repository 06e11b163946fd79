"""Which articles does a file hold?"""
