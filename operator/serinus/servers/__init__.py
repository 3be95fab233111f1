"""What is known of model servers before anybody asks: their ports, probes and metrics."""
