"""Which part of a text that was copied off a page is the article?"""
