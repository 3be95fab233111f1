"""The rules, each in a file of its own, each looking at many runs at once."""
