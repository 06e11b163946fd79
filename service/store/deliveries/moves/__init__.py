"""What waits is moved: to an earlier time, or to another subscriber."""
