"""Which rules are in force: files watched, compiled and swapped."""
