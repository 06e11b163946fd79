"""Is this a text of an article, or the wall that a fetcher met in its place?"""
