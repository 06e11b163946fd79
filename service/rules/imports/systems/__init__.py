"""One grammar a system, and what its words and signs mean."""
