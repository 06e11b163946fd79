"""Whether one expression holds for one article, its score and its evidence, and if not, why."""
