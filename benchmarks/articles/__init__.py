"""How much of a page's article is kept, and how much else."""
