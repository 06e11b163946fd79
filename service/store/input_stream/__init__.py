"""The input stream: publish, claim, count and trim articles."""
