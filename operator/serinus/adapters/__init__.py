"""The outside world: the only sockets."""
