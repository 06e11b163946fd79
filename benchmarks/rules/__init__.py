"""How long rules take to load and to reload."""
