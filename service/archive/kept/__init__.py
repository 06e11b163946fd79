"""Articles as a back-test keeps them beside their stream: read once, their words as numbers."""
