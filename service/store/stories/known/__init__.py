"""Which text under its id is an article, and is anything kept of it?"""
