"""When two texts are one story."""
