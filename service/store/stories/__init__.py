"""What is known of an article and its story before it is decided."""
