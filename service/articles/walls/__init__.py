"""Is this a text of an article, the wall that a fetcher met, or a notice that it was taken back?"""
