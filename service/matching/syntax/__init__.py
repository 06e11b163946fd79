"""What an expression means, or what is wrong with it."""
