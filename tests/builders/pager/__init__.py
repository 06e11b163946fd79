"""A channel that does not ship: CONTRIBUTING.md, "A new channel", in code."""
