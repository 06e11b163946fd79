"""What was sent before, in memory: decisions of a replay rest on it as live ones rest on Redis."""
