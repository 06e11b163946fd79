"""What dictionaries say: the forms and lemmas of the words of each language."""
