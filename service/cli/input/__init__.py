"""What commands are given: files, names, times, settings."""
