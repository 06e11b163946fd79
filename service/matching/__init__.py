"""Which expressions hold for an article, how strongly, where, and if not, why."""
