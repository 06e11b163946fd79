"""Which of up to a million expressions hold for an article."""
