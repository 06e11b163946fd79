"""Events that a digest or a throttle holds until they are due."""
