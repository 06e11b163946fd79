"""HTTP to receivers: checked addresses, one attempt, a bounded answer."""
