"""Other operators in the same story: their own programs on the same cluster."""
