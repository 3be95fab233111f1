"""What the operator costs and how fast it is, as figures and ratios measured in one run."""
