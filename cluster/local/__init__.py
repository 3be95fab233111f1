"""A real one-node Kubernetes on this machine, without a container engine."""
