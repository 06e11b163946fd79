"""Here is an entry, a page or a file: what is the article in it? (pure)"""
