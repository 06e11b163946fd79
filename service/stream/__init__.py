"""What happens to a batch of stream entries."""
