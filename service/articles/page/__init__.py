"""Which part of a page, or of pasted text, is the article."""
