"""Which series tell what: metric ingredients, presets, and the counts read from raw counters."""
