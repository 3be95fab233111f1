"""What was seen: one frozen picture of the cluster and the metrics, with its time."""
