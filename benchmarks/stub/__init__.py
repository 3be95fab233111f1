"""A Prometheus that knows one recorded trace, so that any program can be put on it."""
