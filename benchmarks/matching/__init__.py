"""The matching engine beside its peers: speed, growth, memory, exactness."""
