"""An event as people read it, the same for every channel (pure)."""
