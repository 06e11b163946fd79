"""How near-copies are told from other news, and at which similarity."""
