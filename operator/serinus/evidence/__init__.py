"""Numbers in, verdicts out: what the counts of both tracks say about an objective."""
