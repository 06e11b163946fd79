"""What a word is, and when two words are the same."""
