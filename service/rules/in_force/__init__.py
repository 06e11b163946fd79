"""Which rules may come into force, and what all workers share of them."""
