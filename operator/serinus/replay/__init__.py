"""Replay: the same decisions driven by history."""
