"""Benchmarks: what the operator promises in numbers, measured by one command each."""
