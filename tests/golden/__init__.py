"""Decisions that no version of numpy may change."""
