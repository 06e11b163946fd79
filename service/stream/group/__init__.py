"""Who reads the stream, and what was lost of it."""
