"""The manifests around the rollout: a namespace, and the clients in it."""
