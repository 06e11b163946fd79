"""Each subscriber's lane: lease what is due, settle what was tried."""
