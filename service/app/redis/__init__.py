"""Which Redis a process uses, and over which client."""
