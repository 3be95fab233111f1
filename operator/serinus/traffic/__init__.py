"""How traffic can be split: one pure pair write(split), read(manifest) for each router."""
