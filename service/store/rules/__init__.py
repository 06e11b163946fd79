"""Which set of rules is in force for all workers, and which sets were before it."""
