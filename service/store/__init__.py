"""What is kept in Redis, under which key, until when."""
