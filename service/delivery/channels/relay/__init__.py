"""Everything that Apprise knows, in a process of its own."""
