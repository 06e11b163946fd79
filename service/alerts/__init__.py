"""Who hears what about a match (pure)."""
